//! Wrong programs, and what they are told: who, what was expected, what came, what to do. Word for word in
//! `wrong_programs.txt`, which `RHYTON_WRITE_SNAPSHOTS=1` writes anew.

use rhyton::layers::{BuildCx, from_config};
use rhyton::prelude::*;
use rhyton::utils::{PlotModel, plot_model};
use rhyton::{CloneModel, Summary};

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, F32).unwrap()
}

/// Two inputs, two outputs, compiled.
fn tickets() -> Model {
    let (title, tags) = (Input::new([8]).name("title").tensor(), Input::new([3]).name("tags").tensor());
    let features = Concatenate::new().name("features").call([&title, &tags]).unwrap();
    let h = Dense::new(4).name("hidden").call(&features).unwrap();
    let priority = Dense::new(1).name("priority").call(&h).unwrap();
    let department = Dense::new(4).activation("softmax").name("department").call(&h).unwrap();
    let mut model = Model::new([&title, &tags], [&priority, &department]).unwrap().named("tickets");
    model.compile("sgd", ["mse", "categorical_crossentropy"], ()).unwrap();
    model
}

fn chain() -> Sequential {
    let mut model = Sequential::from((
        Input::new([4]).name("rows"),
        Dense::new(3).name("one"),
        Dense::new(2).name("two"),
    ))
    .named("chain");
    model.compile("sgd", "mse", ["mae"]).unwrap();
    model
}

fn fit(x: impl Into<rhyton::Data>, y: impl Into<rhyton::Data>, options: Fit) -> Result<()> {
    chain().fit(x, y, options.verbose(0)).map(|_| ())
}

fn fit_tickets(x: impl Into<rhyton::Data>, y: impl Into<rhyton::Data>) -> Result<()> {
    tickets().fit(x, y, Fit::epochs(1).verbose(0)).map(|_| ())
}

struct NoCall;
impl Layer for NoCall {}

struct Refuses;
impl Layer for Refuses {
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        cx.add_weight("w", [cx.last_axis(input)?], "onse").map(|_| ())
    }
}

#[test]
fn what_wrong_programs_are_told() {
    let (x, y) = (zeros([6, 4]), zeros([6, 2]));
    let (title, tags) = (zeros([6, 8]), zeros([6, 3]));
    let (priority, department) = (zeros([6, 1]), zeros([6, 4]));
    let once = || Fit::epochs(1);
    let nan = f64::NAN;
    let cases: Vec<(&str, Result<()>)> = vec![
        ("shape: too few features", fit(zeros([6, 3]), &y, once())),
        (
            "shape: features of the second input",
            fit_tickets([&title, &zeros([6, 2])], [&priority, &department]),
        ),
        ("shape: no batch axis", fit(zeros([4]), &y, once())),
        ("shape: targets of another width", fit(&x, zeros([6, 3]), once())),
        ("shape: targets of another rank", fit(&x, zeros([6, 2, 2]), once())),
        ("shape: labels for one-hot", fit_tickets([&title, &tags], [&priority, &zeros([6])])),
        ("shape: samples", fit(&x, zeros([5, 2]), once())),
        (
            "shape: joined inputs",
            Concatenate::new().name("c").call([&zeros([2, 3]), &zeros([3, 3])]).map(|_| ()),
        ),
        ("shape: added inputs", Add::new().name("a").call([&zeros([2, 3]), &zeros([2, 4])]).map(|_| ())),
        (
            "shape: one input of a difference",
            rhyton::layers::Subtract::new().name("s").call(&zeros([2, 3])).map(|_| ()),
        ),
        ("shape: matmul", x.matmul(&zeros([3, 2])).map(|_| ())),
        ("shape: reshape layer", Reshape::new([5]).name("r").call(&x).map(|_| ())),
        ("shape: batch in a graph", tickets().predict_all([&title, &zeros([5, 3])]).map(|_| ())),
        ("shape: permute", Permute::new([1, 3]).name("p").call(&x).map(|_| ())),
        ("shape: sample weight", fit(&x, &y, once().sample_weight(zeros([5])))),
        ("name: input", fit_tickets([("title", &title), ("tag", &tags)], [&priority, &department])),
        ("name: missing input", fit_tickets([("title", &title)], [&priority, &department])),
        ("name: target", fit_tickets([&title, &tags], [("priority", &priority), ("dept", &department)])),
        ("name: named data for one input", fit([("y", &x)], &y, once())),
        ("name: layer", chain().get_layer("tow").map(|_| ())),
        ("name: loss", chain().compile("sgd", "mean_square_error", ())),
        ("name: metric", chain().compile("sgd", "mse", ["acc_uracy"])),
        ("name: optimizer", chain().compile("adamm", "mse", ())),
        ("name: initializer", Dense::new(2).kernel_initializer("he_norml").name("d").call(&x).map(|_| ())),
        ("name: regularizer", Dense::new(2).kernel_regularizer("l3").name("d").call(&x).map(|_| ())),
        ("name: own initializer", AnyLayer::from(Refuses).named("r").call(&x).map(|_| ())),
        ("name: class", from_config("Dence", &Default::default(), &mut Vec::new()).map(|_| ())),
        ("name: loss of an output", {
            let mut model = tickets();
            model.compile("sgd", [("prio", "mse")], ()).and_then(|()| {
                model.fit([&title, &tags], [&priority, &department], once().verbose(0)).map(|_| ())
            })
        }),
        ("dtype: an argument", "flaot32".parse::<rhyton::DType>().map(|_| ())),
        (
            "dtype: an index too large",
            Embedding::new(3, 2).name("e").call(&Tensor::from([[0i32, 5]])).map(|_| ()),
        ),
        ("dtype: policy", "mixed_float61".parse::<rhyton::DTypePolicy>().map(|_| ())),
        ("dtype: bool arithmetic", ops::matmul(&x.greater(0.0).unwrap(), &y).map(|_| ())),
        ("missing: targets", fit(&x, (), once())),
        ("missing: one of two targets", fit_tickets([&title, &tags], [&priority])),
        ("missing: loss", {
            let mut model = chain();
            model.compile("sgd", (), ()).and_then(|()| model.fit(&x, &y, once().verbose(0)).map(|_| ()))
        }),
        (
            "missing: compile",
            Sequential::from((Input::new([4]), Dense::new(2))).fit(&x, &y, once()).map(|_| ()),
        ),
        ("missing: data", fit((), &y, once())),
        ("missing: weights", Sequential::from([Dense::new(2)]).named("bare").get_weights().map(|_| ())),
        (
            "missing: layers",
            Sequential::new().named("empty").summary_with(Summary::new().layer_range("a", "b")).map(|_| ()),
        ),
        ("structure: losses", {
            let mut model = tickets();
            model.compile("sgd", ["mse"; 3], ()).and_then(|()| {
                model.fit([&title, &tags], [&priority, &department], once().verbose(0)).map(|_| ())
            })
        }),
        ("structure: one input of two", tickets().predict_all(&title).map(|_| ())),
        ("structure: several outputs by predict", tickets().predict([&title, &tags]).map(|_| ())),
        ("structure: several outputs by call", tickets().call([&title, &tags]).map(|_| ())),
        ("structure: a graph of numbers", Model::new(&x, &y).map(|_| ())),
        ("structure: unconnected", {
            let (a, b) = (Input::new([2]).name("a").tensor(), Input::new([2]).name("b").tensor());
            Model::new(&a, Dense::new(1).name("d").call(&b).unwrap()).map(|_| ())
        }),
        ("structure: two of one name", {
            let a = input([2]);
            let b = Dense::new(2).name("same").call(&a).unwrap();
            Model::new(&a, Dense::new(2).name("same").call(&b).unwrap()).map(|_| ())
        }),
        ("structure: a layer without call", AnyLayer::from(NoCall).named("n").call(&x).map(|_| ())),
        ("structure: copies", CloneModel::new().input_tensors(&x).clone_model(&chain()).map(|_| ())),
        ("nan: split", fit(&x, &y, once().validation_split(nan))),
        ("nan: rate", Dropout::new(nan).name("d").call(&x).map(|_| ())),
        ("nan: learning rate", chain().compile(SGD::new(nan), "mse", ())),
        ("nan: class weight", fit(&x, &y, once().class_weight([(0, nan)]))),
        ("nan: loss weight", {
            let mut model = chain();
            model
                .compile_with(Compile::new("sgd", "mse").loss_weights(nan))
                .and_then(|()| model.fit(&x, &y, once().verbose(0)).map(|_| ()))
        }),
        ("nan: noise", GaussianNoise::new(nan).name("g").call(&x).map(|_| ())),
        ("plot: rankdir", plot_model(&chain(), "x.svg", PlotModel::new().rankdir("TD"))),
        ("plot: dpi", plot_model(&chain(), "x.svg", PlotModel::new().dpi(2))),
        ("plot: ending", plot_model(&chain(), "x.jpg", PlotModel::new())),
        (
            "plot: not built",
            plot_model(&Sequential::from([Dense::new(2)]).named("bare"), "x.svg", PlotModel::new()),
        ),
        ("summary: positions", chain().summary_with(Summary::new().positions([0.5, 1.0])).map(|_| ())),
        ("order: frozen after compile", {
            let mut model = chain();
            model.fit(&x, &y, once().verbose(0)).unwrap();
            model.layers()[0].set_trainable(false);
            model.fit(&x, &y, once().verbose(0)).map(|_| ())
        }),
        ("order: batch size", fit(&x, &y, once().batch_size(0))),
        ("order: weights", chain().set_weights(&[zeros([4, 3])])),
    ];
    let mut text = String::new();
    for (what, result) in cases {
        text +=
            &format!("{what}\n    {}\n", result.map_or_else(|e| e.to_string(), |()| "no error".to_string()));
    }
    if std::env::var_os("RHYTON_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong_programs.txt"), &text).unwrap();
    }
    let expected =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong_programs.txt")).unwrap();
    for (got, expected) in text.lines().zip(expected.lines()) {
        assert_eq!(got, expected);
    }
    assert_eq!(text, expected);
}
