//! Plots as text, histograms, surfaces and regions: what they show, and odd input.

use rhyton_viz::{Contour, Figure, Histogram, LinePlot, Panels, Scatter, TextStyle, mesh, smooth};
use roxmltree::Document;

fn text(figure: &dyn Figure, columns: usize) -> String {
    figure.to_text(TextStyle::new(columns)).unwrap()
}

fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("well-formed XML");
    let nodes = document.descendants().filter(|n| n.has_tag_name("text"));
    nodes.map(|n| n.text().unwrap_or_default().to_string()).collect()
}

fn curves() -> LinePlot {
    LinePlot::new()
        .title("Training and validation loss")
        .x_label("Epochs")
        .y_label("Loss")
        .dots("Training loss", &[0.9, 0.5, 0.3, 0.2])
        .line("Validation loss", &[0.7, 0.5, 0.4, 0.45])
}

#[test]
fn curves_as_text() {
    let got = curves().to_text(TextStyle::new(40).rows(12)).unwrap();
    let signs = |text: &str| text.matches('●').count();
    assert_eq!(signs(&got), 5, "four points and the legend: {got}");
    assert_eq!(got.lines().count(), 2 + 12 + 4, "titles, curve; axis, numbers, label, legend: {got}");
    assert!(got.lines().all(|l| l.chars().count() <= 40), "{got}");
    for part in
        ["Training and validation loss", " Loss", "● Training loss", "─ Validation loss", "Epochs", "┬"]
    {
        assert!(got.contains(part), "{part} in {got}");
    }
    // The highest point stands in the first row of the curve, the lowest in the last.
    let rows: Vec<&str> = got.lines().filter(|l| l.contains('│') || l.contains('┤')).collect();
    assert_eq!(rows.len(), 12);
    assert!(rows[0].contains('●') || rows[1].contains('●'), "{got}");
    assert!(rows[10].contains('●') || rows[11].contains('●'), "{got}");
    assert!(!got.contains('\x1b'));
    let colored = curves().to_text(TextStyle::new(40).color(true)).unwrap();
    assert!(colored.contains("\x1b[38;5;31m●\x1b[0m"), "{colored:?}");
    let both = text(&Panels::new(2).title("Both").panel(curves()).panel(curves()), 50);
    assert_eq!(both.matches("Training loss").count(), 2);
}

#[test]
fn text_of_every_width_keeps_within_it() {
    let odd = [f64::NAN, 1e300, -1e300, 5e-324, f64::INFINITY, 0.0];
    let plots: [LinePlot; 6] = [
        curves(),
        LinePlot::new().line("\u{1b}[31m escape\r", &odd).title("\n\u{7}\n"),
        LinePlot::new().dots("one", &[0.0]).y_label("y ".repeat(80)),
        LinePlot::new().line("word ".repeat(60), &[1e-9, 1e9]).y_log().title("t".repeat(500)),
        LinePlot::new().line("far", &[1.0, 2.0]).x_limits(1e15, 1e15 + 1.0).y_limits(-1e-30, 1e-30),
        LinePlot::new().dashed("decades", &[1e-300, 1e300]).x(&[1.0, 1e9]).x_log().y_log(),
    ];
    for plot in &plots {
        for columns in [0, 30, 31, 57, 80, 400, usize::MAX] {
            let got = text(plot, columns);
            assert!(got.lines().all(|l| l.chars().count() <= columns.clamp(30, 400)), "{columns}: {got}");
            assert!(!got.contains(['\x1b', '\r', '\u{7}']), "{got:?}");
        }
        texts(&plot.to_svg().unwrap());
        plot.clone().scale(0.5).to_png().unwrap();
    }
    let e = LinePlot::new().line("loss", &[-1.0, 0.0]).y_log().to_text(TextStyle::new(60)).unwrap_err();
    assert!(e.to_string().contains("finite numbers, above 0 on logarithmic axes"), "{e}");
}

#[test]
fn logarithmic_axes_have_powers() {
    let plot = LinePlot::new().line("loss", &[1.0, 0.1, 0.01, 0.0, 1e-3]).y_log();
    let found = texts(&plot.to_svg().unwrap());
    for label in ["1", "0.1", "0.01", "0.001"] {
        assert!(found.iter().any(|t| t == label), "{label} in {found:?}");
    }
    let e = plot.y_limits(0.0, 1.0).to_svg().unwrap_err().to_string();
    assert_eq!(e, "LinePlot::to_svg: expected y limits above 0 on a logarithmic axis, got 0 to 1");
}

#[test]
fn averages_follow_their_formula() {
    assert_eq!(smooth(&[1.0, 2.0, 3.0], 0.0).unwrap(), [1.0, 2.0, 3.0]);
    let with_gap = smooth(&[4.0, f64::NAN, 0.0], 0.5).unwrap();
    assert!(with_gap[1].is_nan() && with_gap[2] == 2.0);
    for factor in [1.0, -0.1, f64::NAN] {
        assert!(LinePlot::new().smoothed("s", &[1.0], factor).to_svg().is_err());
    }
}

/// How many filled rectangles an SVG has.
fn bars(svg: &str) -> usize {
    svg.matches("<rect ").count()
}

#[test]
fn histograms_count() {
    let values = [0.0, 0.5, 1.0, 1.5, 4.0, f64::NAN];
    let svg = Histogram::new().values("", &values).bins(4).to_svg().unwrap();
    // The paper, and three bars; the third part is empty.
    assert_eq!(bars(&svg), 1 + 3, "{svg}");
    let shared = Histogram::new().values("a", &values).values("b", &[9.0]).bins(4);
    assert!(texts(&shared.to_svg().unwrap()).contains(&"b".to_string()));
    assert!(text(&shared, 60).contains("█ a   █ b"));
    Histogram::new().values("same", &[3.0; 7]).to_png().unwrap();
    for wrong in [
        Histogram::new(),
        Histogram::new().values("nothing", &[f64::NAN]),
        Histogram::new().values("a", &[1.0, 2.0]).bins(0),
        Histogram::new().values("a", &[f64::MIN, f64::MAX]),
    ] {
        assert!(wrong.to_svg().is_err());
    }
}

#[test]
fn surfaces_have_lines_and_paths() {
    let valley = || Contour::of((-3.0, 3.0), (-2.0, 2.0), |x, y| 0.4 * x * x + 2.0 * y * y);
    let plot = valley().levels(&[1.0, 3.0]).path("SGD", &[2.5, 1.0, 0.0], &[1.5, -0.5, 0.0]);
    let svg = plot.to_svg().unwrap();
    // Two lines of equal height, the path, its sample in the legend; frames are of two points each.
    let long = Document::parse(&svg).unwrap();
    let long = long.descendants().filter(|n| n.has_tag_name("polyline"));
    let long = long.filter(|n| n.attribute("points").unwrap().split(' ').count() > 50).count();
    assert_eq!(long, 2);
    assert_eq!(svg.matches("<image ").count(), 1);
    assert!(texts(&svg).contains(&"SGD".to_string()));
    // Levels may come after paths.
    let after = valley().path("SGD", &[2.5, 1.0, 0.0], &[1.5, -0.5, 0.0]).levels(&[1.0, 3.0]);
    assert_eq!(after.to_svg().unwrap(), svg);
    assert!(text(&plot, 60).contains("SGD"));
    Contour::of((0.0, 1.0), (0.0, 1.0), |_, _| 1.0).to_png().unwrap();
    Contour::of((0.0, 1.0), (0.0, 1.0), |x, y| if x > y { f64::NAN } else { x }).to_png().unwrap();
    for wrong in [
        Contour::of((1.0, 1.0), (0.0, 1.0), |x, _| x),
        Contour::of((0.0, 1.0), (0.0, f64::INFINITY), |x, _| x),
        Contour::grid((0.0, 1.0), (0.0, 1.0), (2, 3), &[0.0; 5]),
        Contour::grid((0.0, 1.0), (0.0, 1.0), (usize::MAX, 2), &[0.0; 5]),
        Contour::grid((0.0, 1.0), (0.0, 1.0), (2, 2), &[f64::NAN; 4]),
        Contour::of((0.0, 1.0), (0.0, 1.0), |x, _| (2.0 * x - 1.0) * f64::MAX),
        valley().x_limits(0.0, 1.0),
        valley().y_log(),
    ] {
        let e = wrong.to_svg().unwrap_err().to_string();
        assert!(e.starts_with("Contour::to_svg: "), "{e}");
    }
}

#[test]
fn regions_lie_the_right_way_up() {
    let (x, y, cells) = ((0.0, 2.0), (0.0, 2.0), (2, 2));
    let points = mesh(x, y, cells).unwrap();
    assert_eq!(points, [[0.5, 0.5], [1.5, 0.5], [0.5, 1.5], [1.5, 1.5]]);
    // Only the upper left is of another class.
    let classes: Vec<usize> = points.iter().map(|[x, y]| usize::from(*x < 1.0 && *y > 1.0)).collect();
    let plot = Scatter::new().regions(x, y, cells, &classes).size(200, 200).scale(1.0);
    let picture = tiny_skia::Pixmap::decode_png(&plot.to_png().unwrap()).unwrap();
    let at = |x: u32, y: u32| picture.pixel(x, y).unwrap();
    assert_eq!(at(150, 40), at(150, 140));
    assert_eq!(at(60, 140), at(150, 140));
    assert_ne!(at(60, 40), at(150, 140));
    let e = Scatter::new().regions(x, y, (2, 3), &classes).to_svg().unwrap_err().to_string();
    assert_eq!(e, "Scatter::to_svg: expected a class for each of 2 by 3 cells, got 4");
    assert!(mesh((1.0, 0.0), y, cells).is_err() && mesh(x, y, (usize::MAX, 9)).is_err());
}
