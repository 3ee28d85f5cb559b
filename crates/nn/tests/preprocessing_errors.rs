//! What preprocessing layers refuse, with who, what was expected, what came and what to do; and what they draw.

use rhyton_nn::layers::{
    AnyLayer, CallCx, CategoryEncoding, CenterCrop, Discretization, HashedCrossing, Hashing, Input,
    IntegerLookup, Normalization, RandomCrop, RandomFlip, RandomRotation, StringLookup, Strings,
    TextVectorization, from_config,
};
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::json;

#[track_caller]
fn wrong<T>(result: rhyton_base::Result<T>, parts: &[&str]) {
    let e = result.err().expect("an error").to_string();
    assert!(parts.iter().all(|p| e.contains(p)), "{e}: expected {parts:?}");
}

#[test]
fn numbers() {
    let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    let normalization = Normalization::new().name("norm");
    normalization.adapt(&x).unwrap();
    let layer = AnyLayer::from(&normalization);
    wrong(layer.call(&Tensor::from([[1.0f32]])), &["Normalization \"norm\"", "sizes [2]", "[1]"]);
    wrong(normalization.adapt_batches([]), &["norm", "at least one batch"]);
    wrong(normalization.adapt(&ops::zeros([0, 2], DType::F32).unwrap()), &["at least one sample"]);
    let batches = [x.clone(), Tensor::from([[1.0f32]])].map(Ok);
    wrong(Normalization::new().adapt_batches(batches), &["sizes [2]", "got [1]"]);
    wrong(Normalization::new().moments(0.0, 1.0).adapt(&x), &["were given"]);
    wrong(Normalization::new().axis(5).call(&x), &["axis"]);

    wrong(Discretization::new(3).call(&x), &["no boundaries yet", "call adapt"]);
    wrong(Discretization::new(3).adapt(&Tensor::from([1.0f32, f32::NAN])), &["NaN at position 1"]);
    wrong(Discretization::with_boundaries([0.0]).adapt(&x), &["expected a number of bins"]);
    wrong(Discretization::with_boundaries([2.0, 1.0]).call(&x), &["rising", "2 before 1"]);
    wrong(Discretization::new(0).adapt(&x), &["1 or more"]);

    let ids = Tensor::from([[0, 1]]);
    wrong(CategoryEncoding::new(0).call(&ids), &["num_tokens", "got 0"]);
    wrong(CategoryEncoding::new(3).output_mode("onehot").call(&ids), &["one_hot"]);
    wrong(CategoryEncoding::new(3).call([&ids, &ids]), &["weights", "count"]);
    let weights = Tensor::from([1.0f32]);
    wrong(CategoryEncoding::new(3).output_mode("count").call([&ids, &weights]), &["shape", "(1, 2)", "(1,)"]);
}

#[test]
fn buckets_and_vocabularies() {
    let ids = Tensor::from([[0i64, 1]]);
    wrong(Hashing::new(0).call(&ids), &["num_bins", "got 0"]);
    wrong(Hashing::new(4).mask_text("a").call(&ids), &["mask value \"a\" is a text"]);
    wrong(HashedCrossing::new(4).call(&ids), &["two inputs or more, got one"]);
    wrong(HashedCrossing::new(4).call([&ids, &ids]), &["(batch, 1)", "of its own"]);
    let (a, b) = (Tensor::from([1i64, 2]), Tensor::from([1i64]));
    wrong(HashedCrossing::new(4).call([&a, &b]), &["one shape", "(2,)", "(1,)"]);
    wrong(HashedCrossing::new(4).call([&a, &Tensor::from([1.0f32, 2.0])]), &["column 1", "whole numbers"]);

    let lookup = || StringLookup::new().name("words");
    wrong(lookup().max_tokens(1).call_strings(["a"]), &["StringLookup \"words\"", "max_tokens", "got 1"]);
    wrong(lookup().pad_to_max_tokens(true).call_strings(["a"]), &["needs max_tokens"]);
    wrong(lookup().vocabulary(["a", "a"]).call_strings(["a"]), &["\"a\" twice"]);
    wrong(lookup().vocabulary(["a"]).adapt(["b"]), &["was given"]);
    wrong(
        lookup().vocabulary(["a"]).num_oov_indices(0).call_strings(["b"]),
        &["\"b\" is not in the vocabulary"],
    );
    wrong(lookup().output_mode("count").call_strings(["a"]), &["needs its vocabulary", "call adapt"]);
    wrong(
        lookup().mask_token("m").vocabulary(["a", "m"]).call_strings(["a"]),
        &["mask token \"m\"", "in front"],
    );
    wrong(lookup().max_tokens(2).vocabulary(["a", "b"]).call_strings(["a"]), &["2 tokens at most", "got 3"]);
    wrong(lookup().output_mode("tf_idf").vocabulary(["a"]).call_strings(["a"]), &["idf_weights"]);
    let numbers = AnyLayer::from(IntegerLookup::new().vocabulary([1]).oov_method("farm"));
    wrong(numbers.call(&Tensor::from([1i64])), &["oov_method", "\"farmhash\"", "got \"farm\""]);
    wrong(lookup().invert(true).call_strings(["a"]), &["call_indices"]);
    wrong(lookup().call_indices(&ids), &["invert(true)"]);
    wrong(lookup().vocabulary_file("/nowhere/words.txt"), &["/nowhere/words.txt"]);
    wrong(lookup().set_vocabulary(&["a"], Some(&[1.0])), &["\"tf_idf\" only"]);
    wrong(IntegerLookup::new().adapt(&Tensor::from([1.5f32])), &["whole numbers", "float32"]);
    wrong(
        IntegerLookup::new().vocabulary([1]).num_oov_indices(0).call(&ids),
        &["0 is not in the vocabulary"],
    );

    let text = TextVectorization::new;
    wrong(text().standardize("upper").call_strings(["a"]), &["standardize", "upper"]);
    wrong(text().split("lines").call_strings(["a"]), &["split", "lines"]);
    wrong(
        text().output_mode("count").output_sequence_length(3).call_strings(["a"]),
        &["output_sequence_length"],
    );
    wrong(text().call_strings([["a", "b"]]), &["(batch, 1)", "(1, 2)"]);
    wrong(Strings::new(vec!["a".into()], [2, 3]), &["expected 6 texts", "got 1"]);
    let symbol = Input::new([1]).text().tensor();
    assert_eq!(text().output_sequence_length(3).call(&symbol).unwrap().meta().to_string(), "int64(None, 3)");
    let function = json!({"standardize": {"class_name": "function"}});
    wrong(
        from_config("TextVectorization", function.as_object().unwrap(), &mut Vec::new()),
        &["Python", "names"],
    );
    let sparse = json!({"sparse": true});
    wrong(
        from_config("StringLookup", sparse.as_object().unwrap(), &mut Vec::new()),
        &["\"sparse\"", "false"],
    );
}

#[test]
fn images() {
    let x = ops::ones([2, 3], DType::F32).unwrap();
    wrong(CenterCrop::new(1, 1).call(&x), &["expected images", "(2, 3)"]);
    let x = ops::ones([5, 5, 1], DType::F32).unwrap();
    wrong(CenterCrop::new(0, 1).call(&x), &["1 or more"]);
    wrong(RandomFlip::new("sideways").call(&x), &["mode", "sideways"]);
    wrong(RandomRotation::new(1.5).call(&x), &["factor", "1.5"]);
    wrong(RandomRotation::new(0.5).fill_mode("mirrored").call(&x), &["mirrored"]);
}

#[test]
fn what_is_drawn() {
    let row: Vec<f32> = (0..4).map(|i| i as f32).collect();
    let one = Tensor::from_slice(&row, [1, 2, 2, 1]).unwrap();
    let x = ops::broadcast_to(&one, &[400, 2, 2, 1]).unwrap();
    let flip = AnyLayer::from(RandomFlip::new("horizontal_and_vertical").seed(5));
    let y = flip.call_in(&x, &CallCx::TRAINING).unwrap().to_vec::<f32>().unwrap();
    for (place, name) in ["as it is", "left and right", "top and bottom", "both"].iter().enumerate() {
        let share = y.chunks(4).filter(|image| image[0] == place as f32).count() as f64 / 400.0;
        assert!((share - 0.25).abs() < 0.09, "{name}: {share}");
    }
    let again = AnyLayer::from(RandomFlip::new("horizontal_and_vertical").seed(5));
    assert_eq!(again.call_in(&x, &CallCx::TRAINING).unwrap().to_vec::<f32>().unwrap(), y);
    assert_ne!(flip.call_in(&x, &CallCx::TRAINING).unwrap().to_vec::<f32>().unwrap(), y);

    // Every place of the part comes up, and none else.
    let x = Tensor::from_slice(&(0..12).map(|i| i as f32).collect::<Vec<_>>(), [3, 4, 1]).unwrap();
    let crop = AnyLayer::from(RandomCrop::new(2, 2).seed(1));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let y = crop.call_in(&x, &CallCx::TRAINING).unwrap().to_vec::<f32>().unwrap();
        assert_eq!((y[1] - y[0], y[2] - y[0], y[3] - y[0]), (1.0, 4.0, 5.0));
        seen.insert(y[0] as usize);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 4, 5, 6]);
    assert_eq!(crop.call(&x).unwrap().shape(), [2, 2, 1]);
}
