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
    compare("wrong_programs.txt", cases);
}

/// Compares what was said with a file beside this one.
fn compare(file: &str, cases: Vec<(&str, Result<()>)>) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let mut text = String::new();
    for (what, result) in cases {
        text +=
            &format!("{what}\n    {}\n", result.map_or_else(|e| e.to_string(), |()| "no error".to_string()));
    }
    if std::env::var_os("RHYTON_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (got, expected) in text.lines().zip(expected.lines()) {
        assert_eq!(got, expected);
    }
    assert_eq!(text, expected);
}

/// NaN and infinity as arguments: each is refused by name.
#[test]
fn what_wrong_numbers_are_told() {
    use rhyton::constraints::{MaxNorm, MinMaxNorm};
    use rhyton::initializers::{
        Constant, Identity, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal,
    };
    use rhyton::optimizers::schedules::{
        CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
        PolynomialDecay,
    };
    use rhyton::{layers, losses, metrics, optimizers, regularizers};
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let (x, y) = (zeros([6, 4]), zeros([6, 2]));
    let train = |compile: Compile| {
        let mut model = chain();
        model.compile_with(compile)?;
        model.fit(&x, &y, Fit::epochs(1).verbose(0)).map(|_| ())
    };
    fn with(callback: impl callbacks::Callback + 'static) -> Result<()> {
        fit(zeros([6, 4]), zeros([6, 2]), Fit::epochs(1).callback(callback))
    }
    macro_rules! optimizer {
        ($($what:literal $of:expr;)*) => { vec![$((concat!("optimizer: ", $what), train(Compile::new($of, "mse"))),)*] };
    }
    macro_rules! loss {
        ($($what:literal $of:expr;)*) => { vec![$((concat!("loss: ", $what), train(Compile::new("sgd", $of))),)*] };
    }
    macro_rules! metric {
        ($($what:literal $of:expr;)*) => {
            vec![$((concat!("metric: ", $what), train(Compile::new("sgd", "mse").metrics([$of]))),)*]
        };
    }
    macro_rules! layer {
        ($($what:literal $of:expr;)*) => {
            vec![$((concat!("layer: ", $what), AnyLayer::from($of.name("a")).call(&x).map(|_| ())),)*]
        };
    }
    macro_rules! weight {
        ($($what:literal $method:ident $of:expr;)*) => {
            vec![$((concat!("weight: ", $what), {
                let layers = (Input::new([4]), Dense::new(2).$method($of).name("a"));
                let mut model = Sequential::from(layers).named("m");
                model.compile("sgd", "mse", ()).and_then(|()| model.fit(&x, &y, Fit::epochs(1).verbose(0)).map(|_| ()))
            }),)*]
        };
    }
    let mut cases: Vec<(&str, Result<()>)> = optimizer! {
        "momentum" SGD::new(0.1).momentum(nan);
        "rate" SGD::new(inf);
        "weight decay" SGD::new(0.1).weight_decay(nan);
        "clipnorm" SGD::new(0.1).clipnorm(inf);
        "clipvalue" SGD::new(0.1).clipvalue(nan);
        "global clipnorm" SGD::new(0.1).global_clipnorm(nan);
        "average" SGD::new(0.1).ema_momentum(nan);
        "loss scale" SGD::new(0.1).loss_scale_factor(nan);
        "beta" Adam::new(0.1).beta_1(nan);
        "epsilon" Adam::new(0.1).epsilon(inf);
        "rho" RMSprop::new(0.1).rho(nan);
        "accumulator" optimizers::Adagrad::new(0.1).initial_accumulator_value(nan);
        "adadelta" optimizers::Adadelta::new(0.1).epsilon(nan);
        "adafactor" optimizers::Adafactor::new(0.1).beta_2_decay(nan);
        "ftrl" optimizers::Ftrl::new(0.1).beta(inf);
        "lion" optimizers::Lion::new(0.1).beta_2(nan);
        "muon" optimizers::Muon::new(0.1).muon_b(nan);
        "exponential" SGD::new(ExponentialDecay::new(0.1, 10.0, nan));
        "inverse" SGD::new(InverseTimeDecay::new(nan, 10.0, 0.5));
        "polynomial" SGD::new(PolynomialDecay::new(0.1, 10.0).power(nan));
        "cosine" SGD::new(CosineDecay::new(0.1, 10.0).warmup_target(nan));
        "restarts" SGD::new(CosineDecayRestarts::new(0.1, 10.0).t_mul(inf));
        "piecewise" SGD::new(PiecewiseConstantDecay::new(vec![1i64], vec![0.1, nan]));
    };
    cases.extend(loss! {
        "delta" losses::Huber::new().delta(nan);
        "smoothing" losses::BinaryCrossentropy::new().label_smoothing(nan);
        "gamma" losses::BinaryFocalCrossentropy::new().gamma(inf);
        "alpha" losses::CategoricalFocalCrossentropy::new().alpha([0.5, nan]);
        "q" losses::CategoricalGeneralizedCrossEntropy::new().q(nan);
        "tversky" losses::Tversky::new().beta(nan);
        "margin" losses::Circle::new().margin(nan);
    });
    cases.extend(metric! {
        "threshold" metrics::BinaryAccuracy::new().threshold(nan);
        "thresholds" metrics::Precision::new().thresholds(nan);
        "area" metrics::AUC::new().thresholds([nan]);
        "beta" metrics::FBetaScore::new().beta(nan);
        "overlap" metrics::BinaryIoU::new().threshold(nan);
        "smoothing" metrics::CategoricalCrossentropy::new().label_smoothing(nan);
    });
    cases.extend(layer! {
        "rate" layers::SpatialDropout1D::new(nan);
        "alpha dropout" layers::AlphaDropout::new(nan);
        "gaussian dropout" layers::GaussianDropout::new(nan);
        "slope" layers::LeakyReLU::new().negative_slope(inf);
        "limit" layers::ReLU::new().max_value(nan);
        "threshold" layers::ReLU::new().threshold(nan);
        "elu" layers::ELU::new().alpha(nan);
        "mask" layers::Masking::new(nan);
        "activity" layers::ActivityRegularization::new().l2(nan);
        "batch epsilon" layers::BatchNormalization::new().epsilon(nan);
        "batch momentum" layers::BatchNormalization::new().momentum(nan);
        "layer epsilon" layers::LayerNormalization::new().epsilon(inf);
        "group epsilon" layers::GroupNormalization::new().groups(2).epsilon(nan);
        "rms epsilon" layers::RMSNormalization::new().epsilon(nan);
    });
    cases.extend(weight! {
        "l1" kernel_regularizer regularizers::L1::new(nan);
        "l1 and l2" bias_regularizer regularizers::L1L2::new(0.1, inf);
        "orthogonal" kernel_regularizer regularizers::OrthogonalRegularizer::new(nan);
        "activity" activity_regularizer regularizers::L2::new(nan);
        "largest norm" kernel_constraint MaxNorm::new().max_value(nan);
        "norms" kernel_constraint MinMaxNorm::new().rate(nan);
        "constant" bias_initializer Constant::new(nan);
        "normal" kernel_initializer RandomNormal::new().stddev(nan);
        "truncated" kernel_initializer TruncatedNormal::new().mean(nan);
        "uniform" kernel_initializer RandomUniform::new().maxval(inf);
        "gain" kernel_initializer Orthogonal::new().gain(nan);
        "identity" kernel_initializer Identity::new().gain(inf);
    });
    cases.extend(vec![
        ("callback: delta", with(callbacks::EarlyStopping::new().min_delta(nan))),
        ("callback: baseline", with(callbacks::EarlyStopping::new().baseline(nan))),
        ("callback: factor", with(callbacks::ReduceLROnPlateau::new().factor(nan))),
        ("callback: smallest rate", with(callbacks::ReduceLROnPlateau::new().min_lr(nan))),
        (
            "callback: first value",
            with(callbacks::ModelCheckpoint::new("x.keras").initial_value_threshold(nan)),
        ),
        ("callback: schedule", with(callbacks::LearningRateScheduler::new(move |_, _| nan))),
        ("config: epsilon", rhyton::config::set_epsilon(nan)),
    ]);
    compare("wrong_numbers.txt", cases);
}

/// NaN and infinity in data, weights and results: what they are found in.
#[test]
fn where_nan_comes_from() {
    let (x, y) = (zeros([6, 4]), zeros([6, 2]));
    let with_nan = |x: &Tensor, at: usize, value: f32| {
        let mut numbers = x.to_vec::<f32>().unwrap();
        numbers[at] = value;
        Tensor::from_slice(&numbers, x.shape()).unwrap()
    };
    let (bad_x, bad_y) = (with_nan(&x, 4 * 3 + 2, f32::NAN), with_nan(&y, 5, f32::NEG_INFINITY));
    let checked = || Fit::epochs(1).check_numerics(true);
    let (title, tags) = (zeros([6, 8]), zeros([6, 3]));
    let targets = [&zeros([6, 1]), &zeros([6, 4])];
    let tickets_fit = |title: &Tensor, tags: &Tensor, options: Fit| {
        tickets().fit([title, tags], targets, options.verbose(0)).map(|_| ())
    };
    let cause = |history: Result<rhyton::History>| {
        let told = history?.nan_cause().unwrap_or("nothing").to_string();
        Err(rhyton::Error::value(told))
    };
    let broken = || {
        let model = chain();
        let mut weights = model.get_weights().unwrap();
        weights[2] = with_nan(&weights[2], 1, f32::NAN);
        model.set_weights(&weights).unwrap();
        model
    };
    // The logarithm of what is not positive.
    let logarithm = || {
        let x = Input::new([4]).name("rows").tensor();
        let h = ops::log(&Dense::new(2).kernel_initializer("zeros").name("one").call(&x).unwrap()).unwrap();
        let mut model = Model::new(&x, Dense::new(2).name("two").call(&h).unwrap()).unwrap().named("logs");
        model.compile("sgd", "mse", ()).unwrap();
        model
    };
    let large = || {
        let first = Dense::new(3).kernel_initializer(rhyton::initializers::Constant::new(3e38));
        // Not random, or the sums of infinities could be NaN.
        let second = Dense::new(2).kernel_initializer("ones").name("two");
        let mut model = Sequential::from((Input::new([4]), first.name("one"), second)).named("chain");
        model.compile("sgd", "mse", ()).unwrap();
        model
    };
    let ones = ops::ones([6, 4], F32).unwrap();
    let steep = || {
        let mut model = chain();
        model.compile(SGD::new(1e30), "mse", ()).unwrap();
        let weights = model.get_weights().unwrap();
        let filled: Vec<Tensor> = weights.iter().map(|w| ops::full(w.shape(), 0.125, F32).unwrap()).collect();
        model.set_weights(&filled).unwrap();
        model
    };
    let poisson = || {
        let mut model = chain();
        model.compile("sgd", "poisson", ()).unwrap();
        let weights = model.get_weights().unwrap();
        let filled = weights.iter().zip([1.0, 1.0, -1.0, -1.0]);
        let filled: Vec<Tensor> = filled.map(|(w, n)| ops::full(w.shape(), n, F32).unwrap()).collect();
        model.set_weights(&filled).unwrap();
        model
    };
    let silent = || Fit::epochs(2).verbose(0);
    compare(
        "nan_found.txt",
        vec![
            ("an input", fit(&bad_x, &y, checked())),
            ("a named input", tickets_fit(&title, &with_nan(&tags, 4, f32::INFINITY), checked())),
            ("a target", fit(&x, &bad_y, checked())),
            (
                "a weight of a sample",
                fit(&x, &y, Fit::epochs(1).sample_weight(with_nan(&zeros([6]), 4, f32::NAN))),
            ),
            ("an input, told afterwards", cause(chain().fit(&bad_x, &y, silent()))),
            ("an image, told afterwards", {
                let mut model = Sequential::from((Input::new([2, 2, 1]), Flatten::new(), Dense::new(2)));
                model.compile("sgd", "mse", ()).unwrap();
                cause(model.fit(with_nan(&zeros([6, 2, 2, 1]), 6, f32::NAN), &y, silent()))
            }),
            ("a target, told afterwards", cause(chain().fit(&x, with_nan(&y, 2, f32::NAN), silent()))),
            ("validation data", cause(chain().fit(&x, &y, silent().validation_data((&bad_x, &y))))),
            ("a step too large, told afterwards", {
                let mut model = steep();
                cause(model.fit(&ones, &y, Fit::epochs(9).verbose(0)))
            }),
            ("a step too large", {
                let mut model = steep();
                model.fit(&ones, &y, Fit::epochs(9).verbose(0).check_numerics(true)).map(|_| ())
            }),
            ("terminate", {
                let stop = callbacks::TerminateOnNaN::new().raise_error(true);
                fit(&bad_x, &y, Fit::epochs(1).callback(stop))
            }),
            (
                "a weight",
                broken().evaluate_with(&x, &y, Evaluate::new().verbose(0).check_numerics(true)).map(|_| ()),
            ),
            ("an operation", logarithm().fit(&x, &y, checked().verbose(0)).map(|_| ())),
            ("a layer", large().fit(&ones, &y, checked().verbose(0)).map(|_| ())),
            ("a loss", poisson().fit(&ones, &y, checked().verbose(0)).map(|_| ())),
            (
                "predict: an input",
                chain().predict_with(&bad_x, Predict::new().check_numerics(true)).map(|_| ()),
            ),
            (
                "predict: a layer",
                large().predict_with(&ones, Predict::new().check_numerics(true)).map(|_| ()),
            ),
            ("no fault", fit(&x, &y, checked())),
        ],
    );
}
