//! Pictures read back: their size, their colours, their texts, and the errors.

use rhyton_viz::{Color, Image, ImageGrid, LinePlot, Panels, Scatter, Title};
use roxmltree::Document;
use std::path::PathBuf;
use tiny_skia::Pixmap;

/// Opaque pixels of a PNG, and its width and height.
fn decode(png: &[u8]) -> (Vec<Color>, u32, u32) {
    let pixels = Pixmap::decode_png(png).expect("a PNG");
    let colors = pixels.pixels().iter().map(|p| Color::rgb(p.red(), p.green(), p.blue())).collect();
    (colors, pixels.width(), pixels.height())
}

fn count(pixels: &[Color], color: Color) -> usize {
    pixels.iter().filter(|p| **p == color).count()
}

/// All texts of an SVG, which must be well-formed.
fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("well-formed XML");
    let nodes = document.descendants().filter(|n| n.has_tag_name("text"));
    nodes.map(|n| n.text().unwrap_or_default().to_string()).collect()
}

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("rhyton-viz-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable temporary folder");
    folder
}

/// A bright ring, somewhat like a handwritten zero.
fn ring() -> Image {
    let pixel = |i: usize| {
        let (y, x) = ((i / 28) as f32 - 13.5, (i % 28) as f32 - 13.5);
        if (6.0..9.0).contains(&x.hypot(y)) { 255 } else { 0 }
    };
    Image::gray(28, 28, &(0..784).map(pixel).collect::<Vec<u8>>()).unwrap()
}

fn ten_digits() -> ImageGrid {
    let digits = (0..10).map(|i| (ring(), format!("{i} (99.9{i}%)")));
    ImageGrid::new(5).title("Ten digits & their <predictions>").images(digits)
}

fn curves() -> LinePlot {
    LinePlot::new()
        .title("Training and validation loss")
        .x_label("Epochs")
        .y_label("Loss")
        .dots("Training loss", &[0.9, 0.5, 0.3, 0.2])
        .line("Validation loss", &[0.7, 0.5, 0.4, 0.45])
}

fn classes() -> Scatter {
    Scatter::new()
        .points("left", &[0.0, 1.0], &[0.0, 1.0])
        .points("right", &[3.0, 4.0], &[0.0, 1.0])
        .line("between", 10.0, -20.0)
}

#[test]
fn a_grid_has_sharp_digits_and_its_titles() {
    let (pixels, width, height) = decode(&ten_digits().to_png().unwrap());
    // Five columns and two rows of 224 pixels, with margins, gaps and titles.
    assert!((1250..1350).contains(&width), "{width}");
    assert!((600..720).contains(&height), "{height}");
    // Every one of the ring's pixels is eight by eight pixels large, and none is between black and white.
    let inverted = count(&decode(&ten_digits().cmap("binary").to_png().unwrap()).0, Color::WHITE);
    let black = count(&pixels, Color::BLACK);
    assert!(black > 10 * 500 * 64, "{black}");
    assert!(inverted > black, "binary draws the same pixels in white");
    let svg = ten_digits().to_svg().unwrap();
    let texts = texts(&svg);
    assert_eq!(texts[0], "Ten digits & their <predictions>");
    assert!((0..10).all(|i| texts.contains(&format!("{i} (99.9{i}%)"))), "{texts:?}");
    assert_eq!(svg.matches("<image ").count(), 10);
}

#[test]
fn enlarging_adds_no_colors() {
    let image = Image::gray(2, 2, &[0, 85, 170, 255]).unwrap();
    let grid = |cmap: &str| ImageGrid::new(1).cmap(cmap).cell(50).scale(1.0).image(image.clone(), "");
    let (pixels, width, height) = decode(&grid("gray").to_png().unwrap());
    assert_eq!((width, height), (82, 85));
    for level in [85, 170] {
        // A row and a column of each quarter lie partly under the frame.
        let n = count(&pixels, Color::rgb(level, level, level));
        assert!((24 * 24..=25 * 25).contains(&n), "{level}: {n}");
    }
    let (pixels, ..) = decode(&grid("viridis").to_png().unwrap());
    assert!(count(&pixels, Color::rgb(68, 1, 84)) >= 24 * 24);
}

#[test]
fn a_wrong_prediction_is_red() {
    let grid = |title: Title| decode(&ImageGrid::new(1).image(ring(), title).to_png().unwrap()).0;
    assert_eq!(count(&grid(Title::new("9 (61.20%)")), Color::RED), 0);
    assert!(count(&grid(Title::new("9 (61.20%)").color("red")), Color::RED) > 50);
}

#[test]
fn plots_have_their_series_and_labels() {
    let (pixels, width, height) = decode(&curves().to_png().unwrap());
    assert_eq!((width, height), (1120, 840));
    assert!(count(&pixels, Color::BLUE) > 1000);
    let found = texts(&curves().to_svg().unwrap());
    for text in
        ["Training and validation loss", "Epochs", "Loss", "Training loss", "Validation loss", "0.4", "4"]
    {
        assert!(found.iter().any(|t| t == text), "{text} in {found:?}");
    }
    assert!(!found.iter().any(|t| t == "2.5"), "epochs are whole numbers: {found:?}");

    let (pixels, ..) = decode(&classes().color("#00ff00").to_png().unwrap());
    assert!(count(&pixels, Color::rgb(0, 255, 0)) > 500, "the straight line");
    assert_eq!(texts(&classes().to_svg().unwrap()).iter().filter(|t| *t == "between").count(), 1);
}

#[test]
fn panels_stand_side_by_side() {
    let both = Panels::new(2).title("Two panels").panel(curves()).panel(classes()).scale(1.0);
    let (pixels, width, height) = decode(&both.to_png().unwrap());
    assert_eq!((width, height), (1120, 420 + 33));
    for half in 0..2 {
        let part: Vec<Color> =
            pixels.chunks(1120).flat_map(|row| row[560 * half..560 * (half + 1)].to_vec()).collect();
        assert!(count(&part, Color::WHITE) < part.len() && count(&part, Color::BLACK) > 800);
    }
    let found = texts(&both.to_svg().unwrap());
    assert!(["Two panels", "Epochs", "right"].iter().all(|t| found.iter().any(|f| f == t)), "{found:?}");
}

#[test]
fn files_are_whole_and_alone() {
    let folder = folder("files");
    for name in ["digits.png", "DIGITS.PNG", "digits.svg"] {
        ten_digits().save(folder.join(name)).unwrap();
        // A second time over the first.
        ten_digits().save(folder.join(name)).unwrap();
    }
    assert_eq!(std::fs::read(folder.join("digits.png")).unwrap(), ten_digits().to_png().unwrap());
    assert_eq!(std::fs::read_to_string(folder.join("digits.svg")).unwrap(), ten_digits().to_svg().unwrap());
    // The target is a folder, so the renaming fails; nothing may stay behind.
    std::fs::create_dir_all(folder.join("taken.png").join("full")).unwrap();
    assert!(ten_digits().save(folder.join("taken.png")).is_err());
    let left = std::fs::read_dir(&folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn mistakes_are_named() {
    let error = |r: rhyton_base::Result<()>| r.unwrap_err().to_string();
    assert_eq!(
        error(ten_digits().save("digits.jpg")),
        "ImageGrid::save: unknown ending \".jpg\" of digits.jpg; use .png or .svg"
    );
    assert_eq!(
        error(curves().save("loss")),
        "LinePlot::save: loss has no ending that names a picture format; use .png or .svg"
    );
    assert_eq!(
        error(curves().save("no/such/folder/loss.svg")),
        "LinePlot::save: cannot write no/such/folder/loss.svg: there is no folder no/such/folder; create it first"
    );
    let svg = |r: rhyton_base::Result<String>| r.unwrap_err().to_string();
    assert_eq!(
        svg(ImageGrid::new(5).to_svg()),
        "ImageGrid::to_svg: there are no images; add some with image(...)"
    );
    assert_eq!(
        svg(ImageGrid::new(0).image(ring(), "").to_svg()),
        "ImageGrid::to_svg: expected at least 1 column, got 0"
    );
    assert_eq!(
        svg(ten_digits().cmap("grey").to_svg()),
        "ImageGrid::to_svg: unknown cmap \"grey\"; did you mean \"gray\"?"
    );
    assert_eq!(
        svg(ImageGrid::new(1).image(ring(), Title::new("9").color("rde")).to_svg()),
        "ImageGrid::to_svg: unknown color \"rde\"; did you mean \"red\"?"
    );
    assert_eq!(
        svg(LinePlot::new().to_svg()),
        "LinePlot::to_svg: there is nothing to draw; add a series first"
    );
    assert_eq!(
        svg(LinePlot::new().color("red").to_svg()),
        "LinePlot::to_svg: color belongs to the series added last; add a series before it"
    );
    assert_eq!(
        svg(LinePlot::new().line("loss", &[f64::NAN]).to_svg()),
        "LinePlot::to_svg: no range of x holds the points; add finite numbers or set x_limits"
    );
    assert_eq!(
        svg(Panels::new(1).panel(classes().y_limits(1.0, 0.0)).to_svg()),
        "Panels::to_svg: panel 1: expected y limits from low to high, got 1 to 0"
    );
    assert_eq!(
        svg(Scatter::new().points("a", &[1.0], &[1.0, 2.0]).to_svg()),
        "Scatter::to_svg: series \"a\" has 1 x and 2 y"
    );
    let e = svg(classes().boundary("", 0.0, 0.0, 1.0).to_svg());
    assert_eq!(e, "Scatter::to_svg: no straight line has 0 x + 0 y = 1; expected finite numbers, not both 0");
    let png = |r: rhyton_base::Result<Vec<u8>>| r.unwrap_err().to_string();
    assert_eq!(
        png(curves().scale(f32::NAN).to_png()),
        "LinePlot::to_png: expected a scale from 0.5 to 8, got NaN"
    );
    let e = png(curves().size(10_000, 10_000).to_png());
    assert!(e.contains("20000 by 20000 pixels, more than the 100000000 allowed"), "{e}");
}

#[test]
fn odd_numbers_and_texts_are_drawn() {
    let odd = [f64::NAN, 1e300, -1e300, 5e-324, f64::INFINITY, 0.0];
    let plots = [
        LinePlot::new().line("\u{0}]]>漢字 𝛽\u{ffff}", &odd).title("\n\n"),
        LinePlot::new().dots("one", &[0.0]).size(200, 150).title("a title much too long for so small a plot"),
        LinePlot::new().line("flat", &[1e-9, 1e-9]).y_label("y ".repeat(80)),
        LinePlot::new().line("far off", &[1.0, 2.0]).x_limits(1e15, 1e15 + 1.0).y_limits(-1e-30, 1e-30),
    ];
    for plot in plots {
        texts(&plot.to_svg().unwrap());
        decode(&plot.scale(0.5).to_png().unwrap());
    }
    let thin = Image::gray(1, 5000, &[7; 5000]).unwrap();
    let tall = Image::rgb(300, 1, &[7; 900]).unwrap();
    let grid = ImageGrid::new(7).image(thin, "thin").image(tall, "tall").title("word ".repeat(60));
    texts(&grid.to_svg().unwrap());
    decode(&grid.to_png().unwrap());
}

/// The book's figure: loss = |y_true - (x · w + b)|.
fn computation() -> rhyton_base::Diagram {
    use rhyton_base::{Diagram, NodeKind};
    let mut d = Diagram::new("computation");
    let node = |d: &mut Diagram, label: &str, kind, details: &[&str]| {
        let n = d.node(label, kind);
        d.nodes[n].details = details.iter().map(ToString::to_string).collect();
        n
    };
    let x = node(&mut d, "x", NodeKind::Input, &["value 2", "gradient 3"]);
    let w = node(&mut d, "w", NodeKind::Variable, &["value 3", "gradient 2"]);
    let x1 = node(&mut d, "x1 = multiply", NodeKind::Operation, &["value 6", "gradient 1"]);
    let b = node(&mut d, "b", NodeKind::Variable, &["value 1", "gradient 1"]);
    let x2 = node(&mut d, "x2 = add", NodeKind::Operation, &["value 7", "gradient 1"]);
    let y = node(&mut d, "y_true", NodeKind::Constant, &["value 4"]);
    let s = node(&mut d, "subtract", NodeKind::Operation, &["value -3", "gradient -1"]);
    let loss = node(&mut d, "loss = abs", NodeKind::Output, &["value 3", "gradient 1"]);
    for (from, to, label) in
        [(x, x1, "3"), (w, x1, "2"), (x1, x2, "1"), (b, x2, "1"), (y, s, ""), (x2, s, "-1"), (s, loss, "-1")]
    {
        d.edge(from, to, label);
    }
    d
}

#[test]
fn graphs_have_nodes_labels_and_clusters() {
    use rhyton_viz::GraphPlot;
    let mut d = computation();
    let cluster = d.cluster("kernel 1: multiply + add", None);
    let inner = d.cluster("inside", Some(cluster));
    d.nodes[2].cluster = Some(inner);
    d.nodes[4].cluster = Some(cluster);
    for plot in [GraphPlot::new(&d), GraphPlot::new(&d).left_to_right()] {
        let plot = plot.title("The chain rule");
        let found = texts(&plot.to_svg().unwrap());
        for text in
            ["The chain rule", "x1 = multiply", "gradient -1", "kernel 1: multiply + add", "inside", "w"]
        {
            assert!(found.iter().any(|t| t == text), "{text}: {found:?}");
        }
        let (pixels, w, h) = decode(&plot.to_png().unwrap());
        assert!(w > 300 && h > 300);
        assert!(count(&pixels, Color::rgb(232, 240, 250)) > 1000, "operations are blue inside");
        if let Some(folder) = std::env::var_os("RHYTON_PICTURES") {
            let side = if w > h { "wide" } else { "tall" };
            plot.save(std::path::Path::new(&folder).join(format!("chain_{side}.png"))).unwrap();
        }
    }
}

#[test]
fn graphs_that_cannot_be_drawn_are_errors() {
    use rhyton_base::{Diagram, NodeKind};
    use rhyton_viz::GraphPlot;
    let text = |d: &Diagram| GraphPlot::new(d).to_svg().unwrap_err().to_string();
    assert_eq!(
        text(&Diagram::new("")),
        "GraphPlot::to_svg: there is nothing to draw; the graph has no nodes"
    );
    let mut d = Diagram::new("");
    d.node("x", NodeKind::Input);
    d.edge(0, 3, "");
    assert_eq!(text(&d), "GraphPlot::to_svg: an edge from node 0 to node 3 of 1");
    d.edges.clear();
    d.nodes[0].cluster = Some(0);
    assert_eq!(text(&d), "GraphPlot::to_svg: a node in cluster 0 of 0");
    d.cluster("a", Some(0));
    assert_eq!(text(&d), "GraphPlot::to_svg: cluster 0 comes before the cluster around it");
}
