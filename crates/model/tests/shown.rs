//! Diagrams and tables of models in models are those of Keras (`golden/shown.py`).

use rhyton_model::{Model, PlotModel, Sequential, Summary};
use rhyton_nn::layers::{Add, Concatenate, Dense, Dropout, Input, Subtract};
use rhyton_tensor::{DType, Tensor};

fn input(size: usize, name: &str) -> Tensor {
    Input::new([size]).name(name).tensor()
}

fn dense(units: usize, name: &str) -> Dense {
    Dense::new(units).name(name)
}

fn tickets() -> Model {
    let inputs = [input(20, "title"), input(20, "text_body"), input(5, "tags")];
    let x = Concatenate::new().name("features").call(&inputs).unwrap();
    let x = dense(64, "dense_features").activation("relu").call(&x).unwrap();
    let priority = dense(1, "priority").activation("sigmoid").call(&x).unwrap();
    let department = dense(4, "department").activation("softmax").call(&x).unwrap();
    Model::new(&inputs, [&priority, &department]).unwrap().named("tickets")
}

fn encoder(name: &str) -> Model {
    let of = |part: &str| format!("{name}_{part}");
    let x = input(16, &of("in"));
    let chain = Sequential::from((Input::new([16]), dense(8, &of("a")), dense(8, &of("b"))));
    let left = chain.named(of("chain")).call(&x).unwrap();
    let right = dense(8, &of("side")).trainable(false).call(&x).unwrap();
    let y = Add::new().name(of("sum")).call([&left, &right]).unwrap();
    Model::new(&x, &y).unwrap().named(name)
}

fn nested() -> Model {
    let (x, z) = (input(16, "query"), input(16, "answer"));
    let (a, b) = (encoder("query_encoder"), encoder("answer_encoder"));
    let joined =
        Concatenate::new().name("joined").call([&a.call(&x).unwrap(), &b.call(&z).unwrap()]).unwrap();
    Model::new([&x, &z], dense(1, "score").call(&joined).unwrap()).unwrap().named("ranker")
}

fn siamese() -> Model {
    let (x, z) = (input(16, "left"), input(16, "right"));
    let shared = encoder("encoder");
    let both = [shared.call(&x).unwrap(), shared.call(&z).unwrap()];
    let difference = Subtract::new().name("difference").call(&both).unwrap();
    Model::new([&x, &z], dense(1, "same").call(&difference).unwrap()).unwrap().named("siamese")
}

fn model(name: &str) -> Model {
    match name {
        "tickets" => tickets(),
        "nested" => nested(),
        "siamese" => siamese(),
        "chain" => {
            let dropout = Dropout::new(0.5).name("drop");
            let two = dense(3, "two").dtype(DType::F64);
            Sequential::from((Input::new([6]), dense(5, "one"), dropout, two)).named("chain").into()
        }
        "chain_in_chain" => {
            let inner = Sequential::from((Input::new([6]), dense(5, "one"), dense(4, "two"))).named("inner");
            Sequential::from((inner, dense(3, "three"))).named("outer").into()
        }
        other => panic!("{other}"),
    }
}

fn diagram(model: &Model, options: &str) -> String {
    let on = |name: &str| options.split(' ').any(|o| o == name);
    let options = PlotModel::new()
        .show_shapes(on("show_shapes"))
        .show_dtype(on("show_dtype"))
        .show_layer_names(on("show_layer_names"))
        .expand_nested(on("expand_nested"))
        .show_layer_activations(on("show_layer_activations"))
        .show_trainable(on("show_trainable"));
    let d = model.diagram(&options).unwrap();
    let mut text = String::new();
    for n in &d.nodes {
        let mut path: Vec<&str> = std::iter::successors(n.cluster, |&c| d.clusters[c].parent)
            .map(|c| d.clusters[c].label.as_str())
            .collect();
        path.reverse();
        path.push(&n.label);
        let cells: String = n.details.iter().map(|cell| format!(" | {cell}")).collect();
        text += &format!("{}{cells}\n", path.join(" / "));
    }
    let label = |i: usize| &d.nodes[i].label;
    let mut edges: Vec<String> =
        d.edges.iter().map(|e| format!("{} -> {}\n", label(e.from), label(e.to))).collect();
    edges.sort();
    text + &edges.concat()
}

fn summary(model: &Model, width: &str, options: &str) -> String {
    let mut summary = Summary::new().line_length(width.parse().unwrap());
    for option in options.split_whitespace() {
        summary = match option.split_once(':') {
            Some((first, last)) => summary.layer_range(first, last),
            None if option == "expand_nested" => summary.expand_nested(true),
            None if option == "show_trainable" => summary.show_trainable(true),
            None => panic!("{option}"),
        };
    }
    let text = model.summary_with(summary).unwrap();
    text.split_inclusive('\n').filter(|line| !line.starts_with(['├', '┏', '┡', '└'])).collect()
}

#[test]
fn diagrams_and_tables_are_those_of_keras() {
    let golden = include_str!("golden/shown.txt");
    let mut checked = 0;
    for section in golden.split("=== ").skip(1) {
        let (title, expected) = section.split_once('\n').unwrap();
        // Others are for `own_layers.rs`.
        let Some((what, rest)) = title.split_once(' ') else { continue };
        let (name, options) = rest.split_once(", ").unwrap();
        let got = match what {
            "diagram" => diagram(&model(name), options),
            _ => {
                let (width, options) = options.split_once(", ").unwrap();
                summary(&model(name), width, options)
            }
        };
        assert_eq!(got, expected, "{title}\n{got}\n{expected}");
        checked += 1;
    }
    assert_eq!(checked, 45);
}
