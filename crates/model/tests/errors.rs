//! What users are told when something is wrong: the whole text, word for word.

mod common;

use common::{folder, golden};
use rhyton_base::{Error, Result};
use rhyton_io::{Array, KerasArchive, WeightsFile, WeightsWriter};
use rhyton_model::{Evaluate, Fit, LoadModel, Predict, Sequential, load_model};
use rhyton_nn::layers::{Activation, Dense, Dropout, Flatten, Input};
use rhyton_tensor::{DType, Tensor, ops};
use std::path::Path;

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn labels(n: usize) -> Tensor {
    ops::zeros([n], DType::I32).unwrap()
}

fn classifier() -> Sequential {
    let mut model = Sequential::from((
        Input::new([784]),
        Dense::new(8).activation("relu").name("dense"),
        Dense::new(10).activation("softmax").name("head"),
    ))
    .named("digits");
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    model
}

fn fit(x: &Tensor, y: &Tensor, options: Fit) -> Result<()> {
    classifier().fit(x, y, options.verbose(0)).map(|_| ())
}

fn check(cases: Vec<(&str, Result<()>, &str)>) {
    let mut wrong = Vec::new();
    for (what, result, expected) in cases {
        let got = match result {
            Ok(()) => "no error".to_string(),
            Err(e) => e.to_string(),
        };
        if got != expected {
            wrong.push(format!("{what}\n     got {got}\nexpected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn data_that_does_not_fit() {
    let (x, y) = (zeros([32, 784]), labels(32));
    let once = || Fit::epochs(1);
    let mut wrong_label = vec![0i32; 32];
    wrong_label[5] = 10;
    check(vec![
        (
            "sample counts",
            fit(&zeros([1000, 784]), &labels(999), once()),
            "fit: x has 1000 samples, y has 999",
        ),
        (
            "weights",
            fit(&x, &y, once().sample_weight(zeros([31]))),
            "fit: x has 32 samples, y has 32, sample_weight has 31",
        ),
        (
            "unflattened pictures",
            fit(&zeros([32, 28, 28]), &y, once()),
            "fit: Sequential \"digits\": Dense \"dense\": expected last axis 784, got 28 (input shape (None, 28, 28)); add Flatten before it",
        ),
        (
            "feature count",
            fit(&zeros([32, 783]), &y, once()),
            "fit: Sequential \"digits\": Dense \"dense\": expected last axis 784, got 783 (input shape (None, 783)); give it such data, or make \
             a new layer for this data",
        ),
        (
            "rank",
            fit(&zeros([32]), &y, once()),
            "fit: Sequential \"digits\": Dense \"dense\": expected an input of at least 2 axes (batch, features), got shape (None,); reshape it \
             to (batch, 1) if each sample is a single number",
        ),
        (
            "a scalar",
            fit(&Tensor::from(1.0f32), &y, once()),
            "fit: x is a scalar; its first axis must be the samples",
        ),
        ("nothing", fit(&zeros([0, 784]), &labels(0), once()), "fit: x has no samples"),
        (
            "a label too large",
            fit(&x, &Tensor::from(wrong_label), once()),
            "fit: y: label 10 in row 5 is not one of the 10 classes of the model's output (0 to 9); give the last layer \
             more units or correct the label",
        ),
        (
            "a negative label",
            fit(&x, &Tensor::from(vec![-1i64; 32]), once()),
            "fit: y: label -1 in row 0 is not one of the 10 classes of the model's output (0 to 9); give the last layer \
             more units or correct the label",
        ),
        (
            "one-hot targets",
            fit(&x, &zeros([32, 10]), once()),
            "fit: y has shape (32, 10), the model's output (None, 10); loss \"sparse_categorical_crossentropy\" takes \
             one label a sample; use \"categorical_crossentropy\" for one-hot targets",
        ),
        (
            "validation data",
            fit(&x, &y, once().validation_data((zeros([3, 10]), labels(3)))),
            "fit: validation_data: Sequential \"digits\": Dense \"dense\": expected last axis 784, got 10 (input shape (None, 10)); give it \
             such data, or make a new layer for this data",
        ),
        (
            "validation counts",
            fit(&x, &y, once().validation_data((zeros([3, 784]), labels(4)))),
            "fit: validation_data: x has 3 samples, y has 4",
        ),
    ]);
}

#[test]
fn options_out_of_range() {
    let (x, y) = (zeros([32, 784]), labels(32));
    let once = || Fit::epochs(1);
    check(vec![
        ("batch size", fit(&x, &y, once().batch_size(0)), "fit: expected a batch size of at least 1, got 0"),
        ("no epochs", fit(&x, &y, Fit::epochs(0)), "no error"),
        (
            "split of all",
            fit(&x, &y, once().validation_split(1.0)),
            "fit: expected validation_split in [0, 1), got 1",
        ),
        (
            "split too large",
            fit(&x, &y, once().validation_split(0.99)),
            "fit: validation_split 0.99 of 32 samples leaves none to train on; give more samples or another fraction",
        ),
        (
            "both kinds of weights",
            fit(&x, &y, once().class_weight([(0, 2.0)]).sample_weight(zeros([32]))),
            "fit: class_weight and sample_weight cannot be given together; multiply them into sample_weight",
        ),
        (
            "steps",
            fit(&x, &y, once().steps_per_epoch(0)),
            "fit: expected steps_per_epoch to be at least 1, got 0",
        ),
        (
            "frequency",
            fit(&x, &y, once().validation_freq(0)),
            "fit: expected validation_freq to be at least 1, got 0",
        ),
        (
            "predict",
            classifier().predict_with(&x, Predict::new().batch_size(0)).map(|_| ()),
            "predict: expected a batch size of at least 1, got 0",
        ),
        (
            "evaluate",
            classifier().evaluate_with(&x, &y, Evaluate::new().batch_size(0)).map(|_| ()),
            "evaluate: expected a batch size of at least 1, got 0",
        ),
    ]);
}

#[test]
fn things_done_in_the_wrong_order() {
    let (x, y) = (zeros([4, 3]), labels(4));
    let fresh = || Sequential::from([Dense::new(2).name("head")]).named("fresh");
    let not_compiled = "the model is not compiled; call compile(optimizer, loss, metrics) first";
    let not_built = "Sequential \"fresh\": the model has no weights yet; add Input::new(..) first, call build(..), or give it data";
    check(vec![
        ("fit", fresh().fit(&x, &y, Fit::epochs(1)).map(|_| ()), &format!("fit: {not_compiled}")),
        ("evaluate", fresh().evaluate(&x, &y).map(|_| ()), &format!("evaluate: {not_compiled}")),
        (
            "train_on_batch",
            fresh().train_on_batch(&x, &y).map(|_| ()),
            &format!("train_on_batch: {not_compiled}"),
        ),
        ("get_weights", fresh().get_weights().map(|_| ()), &format!("get_weights: {not_built}")),
        ("set_weights", fresh().set_weights(&[]), &format!("set_weights: {not_built}")),
        (
            "save_weights",
            fresh().save_weights("x.weights.h5"),
            &format!("save_weights: weights: {not_built}"),
        ),
        (
            "no layers",
            Sequential::new().named("empty").predict(&x).map(|_| ()),
            "predict: Sequential \"empty\": the model has no layers; add some first",
        ),
        (
            "frozen after compile",
            (|| {
                let mut model = classifier();
                model.fit(zeros([4, 784]), &y, Fit::epochs(1).verbose(0))?;
                model.layers()[0].set_trainable(false);
                model.fit(zeros([4, 784]), &y, Fit::epochs(1).verbose(0)).map(|_| ())
            })(),
            "fit: the layers that training changes are not those that the model was compiled for; call compile again",
        ),
    ]);
}

#[test]
fn wrong_layers_and_names() {
    let x = zeros([4, 3]);
    let mut twice = Sequential::new().named("m");
    twice.add(Dense::new(2).name("same")).add(Dense::new(2).name("same"));
    let mut late = Sequential::new().named("m");
    late.add(Dense::new(2).name("first")).add(Input::new([3]).name("late"));
    let mut model = classifier();
    check(vec![
        (
            "two of one name",
            twice.compile("sgd", "mse", ()),
            "Sequential \"m\": two layers are called \"same\"; layers of a model have names of their own, give this \
             Dense another with .name(..)",
        ),
        (
            "a late input",
            late.build([4, 3]),
            "Sequential \"m\": InputLayer \"late\" comes after other layers; an input is given once and first",
        ),
        (
            "an unknown activation",
            Sequential::from((Input::new([3]), Dense::new(2).activation("rellu").name("d")))
                .named("m")
                .predict(&x)
                .map(|_| ()),
            "predict: Sequential \"m\": Dense \"d\": unknown activation \"rellu\"; did you mean \"relu\"?",
        ),
        (
            "no units",
            Sequential::from((Input::new([3]), Dense::new(0).name("d"))).named("m").predict(&x).map(|_| ()),
            "predict: Sequential \"m\": Dense \"d\": expected at least 1 unit, got 0",
        ),
        (
            "a rate",
            Sequential::from((Input::new([3]), Dropout::new(1.5).name("d")))
                .named("m")
                .predict(&x)
                .map(|_| ()),
            "predict: Sequential \"m\": Dropout \"d\": expected a rate in [0, 1], got 1.5",
        ),
        (
            "a noise shape",
            Dropout::new(0.5).noise_shape([None, Some(2)]).name("d").call(&x).map(|_| ()),
            "Dropout \"d\": noise_shape (None, 2) does not fit input shape (None, 3); each size must be 1, None or the \
             input's",
        ),
        (
            "a layer that is not there",
            model.get_layer("haed").map(|_| ()),
            "Sequential \"digits\": there is no layer \"haed\"; did you mean \"head\"?",
        ),
        (
            "an unknown optimizer",
            model.compile("rmsporp", "mse", ()),
            "compile: unknown optimizer \"rmsporp\"; did you mean \"rmsprop\"?",
        ),
        (
            "an unknown loss",
            model.compile("sgd", "msee", ()),
            "compile: unknown loss \"msee\"; did you mean \"mse\"?",
        ),
        (
            "an unknown metric",
            model.compile("sgd", "mse", ["acuracy"]),
            "compile: unknown metric \"acuracy\"; did you mean \"accuracy\"?",
        ),
        (
            "too few weights",
            model.set_weights(&[zeros([784, 8])]),
            "set_weights: expected 4 tensors, got 1; the weights are digits/dense/kernel, digits/dense/bias, digits/head/kernel, digits/head/bias",
        ),
        (
            "a weight of another shape",
            model.set_weights(&[zeros([784, 8]), zeros([8]), zeros([8, 9]), zeros([10])]),
            "set_weights: weight \"digits/head/kernel\": expected shape (8, 10), got (8, 9)",
        ),
        (
            "an input of another shape",
            Sequential::from((Input::new([2, 3]), Activation::new("relu")))
                .named("m")
                .predict(zeros([4, 3, 2]))
                .map(|_| ()),
            "predict: Sequential \"m\": expected an input of shape (None, 2, 3), got (None, 3, 2); the first axis is the \
             batch",
        ),
        (
            "an unknown last axis",
            Sequential::from((Input::new([None::<usize>]), Dense::new(2).name("d")))
                .named("m")
                .predict(&x)
                .map(|_| ()),
            "predict: Sequential \"m\": Dense \"d\": the size of the last axis must be known to create weights, got \
             input shape (None, None); give it in Input::new",
        ),
        (
            "flatten a scalar",
            Flatten::new().name("f").call(&Tensor::from(1.0f32)).map(|_| ()),
            "Flatten \"f\": expected a batch axis, got a scalar (shape ())",
        ),
    ]);
}

/// The archive of a file of Keras's, changed.
fn changed(name: &str, change: impl FnOnce(&mut KerasArchive)) -> Vec<u8> {
    let mut archive = KerasArchive::load(golden(&format!("keras_files/{name}.keras"))).unwrap();
    change(&mut archive);
    archive.to_bytes().unwrap()
}

fn replaced(name: &str, from: &str, to: &str) -> Vec<u8> {
    changed(name, |a| {
        assert!(a.config.contains(from), "{from}");
        a.config = a.config.replace(from, to);
    })
}

#[test]
fn model_files_that_are_wrong() {
    let folder = folder("wrong-files");
    let load = |bytes: &[u8]| -> Result<()> {
        let path = folder.join("x.keras");
        std::fs::write(&path, bytes).unwrap();
        load_model(&path).map(|_| ())
    };
    let whole = std::fs::read(golden("keras_files/adam.keras")).unwrap();
    let npz = std::fs::read(golden("losses.npz")).unwrap();
    let shown = |p: &Path| format!("{:?}", p.display().to_string());
    let at = format!("load_model: {}: ", shown(&folder.join("x.keras")));
    let missing = folder.join("missing.keras");

    // These texts are of the reader of archives; what matters here is that they are passed on with the path.
    for (bytes, word) in [
        (&whole[..whole.len() / 2], "zip"),
        (b"hello", "not a zip archive"),
        (&npz, "npz"),
        (&changed("adam", |a| a.config = "{".into()), "config.json is not JSON"),
        (&changed("adam", |a| a.weights = None), "there is no member \"model.weights.h5\""),
        (&changed("adam", |a| a.weights = Some(vec![1, 2, 3])), "not an HDF5 file"),
    ] {
        let e = load(bytes).unwrap_err().to_string();
        assert!(e.starts_with(&at) && e.contains(word), "{e}");
    }

    check(vec![
        (
            "no file",
            load_model(&missing).map(|_| ()),
            &format!("load_model: {}: no such file; check the path", shown(&missing)),
        ),
        (
            "an unknown layer",
            load(&replaced("adam", "\"Dense\"", "\"Dens\"")),
            &format!(
                "{at}there is no layer of class \"Dens\"; did you mean \"Dense\"?; a layer of one's own must be \
                registered first with register_layer"
            ),
        ),
        (
            "several unknown layers",
            load(&changed("every_layer", |a| {
                a.config = a.config.replace("\"Flatten\"", "\"Fold\"").replace("\"Dropout\"", "\"Drop\"");
            })),
            &format!(
                "{at}there are no layers of the classes \"Drop\", \"Fold\"; layers of one's own must be registered \
                first with register_layer"
            ),
        ),
        (
            "another number of units",
            load(&replaced("adam", "\"units\": 5", "\"units\": 500000000000")),
            &format!(
                "{at}Sequential \"sequential\": Dense \"dense\": weight \"dense/kernel\": expected shape \
                (6, 500000000000), the file has only 125 numbers left for it"
            ),
        ),
        (
            "a missing argument",
            load(&replaced("adam", "\"units\": 5, ", "")),
            &format!("{at}Sequential \"sequential\": Dense \"dense\": key \"units\" is missing"),
        ),
        (
            "an argument of another type",
            load(&replaced("adam", "\"units\": 5, ", "\"units\": \"five\", ")),
            &format!(
                "{at}Sequential \"sequential\": Dense \"dense\": key \"units\": expected a size, got \"five\""
            ),
        ),
        (
            "an unknown activation",
            load(&replaced("adam", "\"relu\"", "\"rellu\"")),
            &format!(
                "{at}Sequential \"sequential\": Dense \"dense\": key \"activation\": unknown activation \"rellu\"; did you mean \"relu\"?"
            ),
        ),
        (
            "an unknown dtype policy",
            load(&replaced("adam", "{\"name\": \"float32\"}", "{\"name\": \"mixed_flaot16\"}")),
            &format!(
                "{at}Sequential \"sequential\": key \"dtype\": unknown dtype policy \"mixed_flaot16\"; did you mean \
                \"mixed_float16\"?"
            ),
        ),
        (
            "an unknown loss",
            load(&replaced("adam", "\"binary_crossentropy\"", "\"binary_crossentropi\"")),
            &format!(
                "{at}compile: unknown loss \"binary_crossentropi\"; did you mean \"binary_crossentropy\"?"
            ),
        ),
        (
            "no layers",
            load(&replaced("adam", "\"layers\"", "\"layer\"")),
            &format!("{at}Sequential \"sequential\": the list of layers is missing"),
        ),
        (
            "no model",
            load(&changed("adam", |a| a.config = "[1]".into())),
            &format!("{at}config.json describes no model: the key \"class_name\" is missing"),
        ),
        (
            "an old file that is not there",
            load_model("old.h5").map(|_| ()),
            "load_model: \"old.h5\": no such file; check the path",
        ),
    ]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_files_say_beyond_what_is_known_is_a_warning() {
    let folder = folder("warnings");
    let path = folder.join("x.keras");
    let load = |bytes: Vec<u8>| {
        std::fs::write(&path, bytes).unwrap();
        LoadModel::new().load(&path).unwrap().warnings
    };
    for (bytes, expected) in [
        (
            replaced("adam", "\"units\": 5", "\"units\": 5, \"color\": \"red\""),
            "Sequential \"sequential\": Dense \"dense\": unknown key \"color\" was ignored",
        ),
        (
            replaced("adam", "\"beta_1\": 0.9", "\"beta_1\": 0.9, \"shape_of_things\": 1"),
            "optimizer \"Adam\": unknown key \"shape_of_things\" was ignored",
        ),
        (
            replaced("adam", "\"loss_weights\": null", "\"loss_weights\": null, \"new\": 1"),
            "compile_config: unknown key \"new\" was ignored",
        ),
        (
            replaced("adam", "\"amsgrad\": false", "\"amsgrad\": true"),
            "the optimizer Adam has 14 variables, the file has 10; it begins anew",
        ),
    ] {
        assert_eq!(load(bytes).first().map(String::as_str), Some(expected));
    }
    let unknown =
        load(replaced("adam", "\"kernel_regularizer\": null", "\"kernel_regularizer\": \"of_mine\""));
    let expected = "Sequential \"sequential\": Dense \"dense\": \"kernel_regularizer\" was left out, it matters for training only: ";
    assert!(unknown[0].starts_with(expected), "{unknown:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// A file of weights with these arrays.
fn weights_file(path: &Path, arrays: &[(&str, &[usize])]) {
    let mut tree = WeightsWriter::new();
    for (name, shape) in arrays {
        let zeros = vec![0f32; shape.iter().product()];
        tree.dataset(name, Array::from_slice(shape.to_vec(), &zeros).unwrap()).unwrap();
    }
    tree.save(path).unwrap();
}

#[test]
fn saving_and_weights() {
    let folder = folder("saving");
    let path = folder.join("w.weights.h5");
    let at = format!("load_weights: {:?}: ", path.display().to_string());
    let mut model = classifier();
    let before = model.get_weights().unwrap();
    let mut load = |arrays: &[(&str, &[usize])]| {
        weights_file(&path, arrays);
        model.load_weights(&path)
    };
    let nowhere = folder.join("nowhere").join("m.keras");
    check(vec![
        (
            "missing",
            load(&[("layers/dense/vars/0", &[784, 8]), ("layers/dense/vars/1", &[8])]),
            &format!("{at}Dense \"head\" has 2 weights, the file has 0 at \"layers/dense_1/vars\""),
        ),
        (
            "another shape",
            load(&[
                ("layers/dense/vars/0", &[784, 8]),
                ("layers/dense/vars/1", &[8]),
                ("layers/dense_1/vars/0", &[8, 9]),
                ("layers/dense_1/vars/1", &[10]),
            ]),
            &format!(
                "{at}weight \"digits/head/kernel\": expected shape (8, 10), the file has (8, 9) at \
                \"layers/dense_1/vars/0\""
            ),
        ),
        (
            "another ending",
            classifier().save(folder.join("m.h5")),
            &format!(
                "save: {:?}: expected a name that ends in .keras; give it that ending",
                folder.join("m.h5").display().to_string()
            ),
        ),
        (
            "weights with another ending",
            classifier().save_weights("m.h5"),
            "save_weights: \"m.h5\": expected a name that ends in .weights.h5",
        ),
        (
            "no folder",
            classifier().save(&nowhere),
            &format!(
                "save: {:?}: folder {:?} does not exist; create it first",
                nowhere.display().to_string(),
                folder.join("nowhere").display().to_string()
            ),
        ),
    ]);
    // All or nothing.
    for (a, b) in before.iter().zip(model.get_weights().unwrap()) {
        assert!(a.bit_equal(&b));
    }
    std::fs::write(&path, b"no").unwrap();
    let e = model.load_weights(&path).unwrap_err().to_string();
    assert!(e.starts_with(&at) && e.contains("not an HDF5 file"), "{e}");
    // Nothing is left beside a file that could not be written.
    assert!(std::fs::read_dir(&folder).unwrap().count() == 1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("read-only");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    // A user who may do everything is not refused.
    if std::fs::write(folder.join("probe"), b"").is_err() {
        let e = classifier().save(folder.join("m.keras")).unwrap_err();
        assert!(e.to_string().contains("permission denied"), "{e}");
        let _: Error = e;
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn cut_and_flipped_files_never_panic() {
    let bytes = std::fs::read(golden("keras_files/adam.keras")).unwrap();
    let folder = folder("flips");
    let path = folder.join("x.keras");
    for at in (0..bytes.len()).step_by(97) {
        let mut bad = bytes.clone();
        bad[at] ^= 0xFF;
        std::fs::write(&path, &bad).unwrap();
        let _ = load_model(&path);
        std::fs::write(&path, &bytes[..at]).unwrap();
        assert!(load_model(&path).is_err(), "cut at {at}");
    }
    // Damage inside the description, which a checksum does not catch.
    let config = KerasArchive::from_bytes(&bytes).unwrap().config;
    for at in (0..config.len()).step_by(7) {
        let mut text = config.clone().into_bytes();
        text[at] = b'9';
        let Ok(text) = String::from_utf8(text) else { continue };
        let mut archive = KerasArchive::from_bytes(&bytes).unwrap();
        archive.config = text;
        archive.save(&path).unwrap();
        let _ = LoadModel::new().load(&path);
    }
    let _ = WeightsFile::open(&path);
    std::fs::remove_dir_all(folder).unwrap();
}
