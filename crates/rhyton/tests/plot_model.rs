//! Models as pictures: every layer is on them, in SVG and PNG. `RHYTON_PICTURES` names a folder to keep them in. (What
//! is said of layers is compared with Keras in `crates/model/tests/shown.rs`, that nothing overlaps in `crates/viz`.)

use rhyton::prelude::*;
use rhyton::utils::{PlotModel, plot_model};

fn all() -> PlotModel {
    PlotModel::new().show_shapes(true).show_layer_names(true)
}

/// The picture as SVG; also kept where somebody wants to look at it.
fn svg(model: &Model, name: &str, options: PlotModel) -> String {
    let own = std::env::temp_dir().join(format!("rhyton-plot-{}", std::process::id()));
    std::fs::create_dir_all(&own).unwrap();
    if let Some(folder) = std::env::var_os("RHYTON_PICTURES") {
        let dpi = options.clone().dpi(96);
        plot_model(model, std::path::Path::new(&folder).join(format!("{name}.png")), dpi).unwrap();
    }
    let (vector, pixels) = (own.join(format!("{name}.svg")), own.join(format!("{name}.png")));
    plot_model(model, &pixels, options.clone().dpi(48)).unwrap();
    assert_eq!(std::fs::read(pixels).unwrap()[1..4], *b"PNG");
    plot_model(model, &vector, options).unwrap();
    let text = std::fs::read_to_string(vector).unwrap();
    std::fs::remove_dir_all(own).unwrap();
    text
}

fn named(units: usize, name: &str) -> AnyLayer {
    Dense::new(units).activation("relu").name(name).into()
}

fn tickets() -> Model {
    let title = Input::new([10000]).name("title").tensor();
    let body = Input::new([10000]).name("text_body").tensor();
    let tags = Input::new([100]).name("tags").tensor();
    let features = Concatenate::new().name("features").call([&title, &body, &tags]).unwrap();
    let features = named(64, "dense_features").call(&features).unwrap();
    let priority = Dense::new(1).activation("sigmoid").name("priority").call(&features).unwrap();
    let department = Dense::new(4).activation("softmax").name("department").call(&features).unwrap();
    Model::new([&title, &body, &tags], [&priority, &department]).unwrap().named("tickets")
}

fn residual(blocks: usize) -> Model {
    let x = Input::new([32]).name("features").tensor();
    let mut y = named(64, "stem").call(&x).unwrap();
    for i in 1..=blocks {
        let of = |part: &str| format!("block{i}_{part}");
        let norm = |name: &str| AnyLayer::from(BatchNormalization::new()).named(of(name));
        let skip = if i == 2 { named(64, &of("project")).call(&y).unwrap() } else { y.clone() };
        let h = norm("norm1").call(&named(64, &of("dense1")).call(&y).unwrap()).unwrap();
        let h = AnyLayer::from(ReLU::new()).named(of("relu1")).call(&h).unwrap();
        let h = norm("norm2").call(&named(64, &of("dense2")).call(&h).unwrap()).unwrap();
        let sum = AnyLayer::from(Add::new()).named(of("add")).call([&skip, &h]).unwrap();
        y = AnyLayer::from(ReLU::new()).named(of("relu2")).call(&sum).unwrap();
    }
    Model::new(&x, named(10, "head").call(&y).unwrap()).unwrap().named("residual")
}

fn encoder(name: &str) -> Model {
    let x = Input::new([16]).name(format!("{name}_in")).tensor();
    let chain =
        Sequential::from((Input::new([16]), named(8, &format!("{name}_a")), named(8, &format!("{name}_b"))));
    let left = chain.named(format!("{name}_chain")).call(&x).unwrap();
    let right = named(8, &format!("{name}_side")).call(&x).unwrap();
    let y = AnyLayer::from(Add::new()).named(format!("{name}_sum")).call([&left, &right]).unwrap();
    Model::new(&x, &y).unwrap().named(name)
}

fn nested() -> Model {
    let (x, z) = (Input::new([16]).name("query").tensor(), Input::new([16]).name("answer").tensor());
    let (a, b) = (encoder("query_encoder"), encoder("answer_encoder"));
    let both = [a.call(&x).unwrap(), b.call(&z).unwrap()];
    let joined = Concatenate::new().name("joined").call(&both).unwrap();
    Model::new([&x, &z], named(1, "score").call(&joined).unwrap()).unwrap().named("ranker")
}

fn siamese() -> Model {
    let (x, z) = (Input::new([16]).name("left").tensor(), Input::new([16]).name("right").tensor());
    let encoder = encoder("encoder");
    let (a, b) = (encoder.call(&x).unwrap(), encoder.call(&z).unwrap());
    let difference =
        AnyLayer::from(rhyton::layers::Subtract::new()).named("difference").call([&a, &b]).unwrap();
    Model::new([&x, &z], named(1, "same").call(&difference).unwrap()).unwrap().named("siamese")
}

/// A block that is used twice in a row, which leads back into its own box.
fn twice() -> Model {
    let x = Input::new([16]).name("x").tensor();
    let block = Sequential::from((Input::new([16]), named(8, "down"), named(16, "up"))).named("block");
    let y = block.call(&block.call(&x).unwrap()).unwrap();
    Model::new(&x, named(1, "head").call(&y).unwrap()).unwrap().named("twice")
}

/// Many inputs and outputs, with operations between and long names.
fn fan() -> Model {
    let name = |i: usize| format!("measurement_of_station_number_{i}");
    let inputs: Vec<Tensor> = (0..7).map(|i| Input::new([4]).name(name(i)).tensor()).collect();
    let scaled: Vec<Tensor> = inputs.iter().map(|x| (x * 0.5).relu()).collect();
    let joined = Concatenate::new().name("all_stations").call(&scaled).unwrap();
    let heads: Vec<Tensor> =
        (0..5).map(|i| named(1, &format!("forecast_{i}")).call(&joined).unwrap()).collect();
    Model::new(&inputs, &heads).unwrap().named("fan")
}

fn deep(layers: usize) -> Model {
    let x = Input::new([8]).name("x").tensor();
    let y = (0..layers).fold(x.clone(), |y, i| named(8, &format!("dense_{i}")).call(&y).unwrap());
    Model::new(&x, &y).unwrap().named("deep")
}

#[test]
fn pictures() {
    for (name, model, options) in [
        ("tickets", tickets(), PlotModel::new().show_layer_names(true)),
        ("tickets_shapes", tickets(), all()),
        ("tickets_wide", tickets(), all().rankdir("LR")),
        ("tickets_all", tickets(), all().show_dtype(true).show_layer_activations(true).show_trainable(true)),
        ("residual", residual(3), all()),
        ("residual_wide", residual(2), PlotModel::new().rankdir("LR")),
        ("nested", nested(), all().expand_nested(true)),
        ("nested_closed", nested(), all()),
        ("nested_wide", nested(), all().expand_nested(true).rankdir("LR")),
        ("siamese", siamese(), all().expand_nested(true)),
        ("siamese_closed", siamese(), PlotModel::new().show_layer_names(true)),
        ("twice", twice(), all().expand_nested(true)),
        ("fan", fan(), all()),
        ("deep", deep(50), PlotModel::new()),
    ] {
        let diagram = model.diagram(&options).unwrap();
        let text = svg(&model, name, options);
        for node in &diagram.nodes {
            assert!(text.contains(&format!(">{}<", node.label)), "{name}: {}", node.label);
            for shape in node.details.iter().flat_map(|d| d.split_inclusive("),")) {
                assert!(text.contains(shape.trim()), "{name}: {shape}");
            }
        }
        for cluster in &diagram.clusters {
            assert!(text.contains(&format!(">{}<", cluster.label)), "{name}: {}", cluster.label);
        }
    }
}
