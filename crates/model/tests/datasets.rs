//! `fit`, `evaluate` and `predict` on datasets: the same bits as on tensors.

use rhyton_base::{Error, Result};
use rhyton_data::{AUTOTUNE, Dataset, Element, Sequence};
use rhyton_model::{
    BackupAndRestore, Callback, CallbackCx, Evaluate, Fit, Model, Predict, Sequential, Validation,
};
use rhyton_nn::layers::{Concatenate, Dense, Input, input};
use rhyton_nn::optimizers::Adam;
use rhyton_tensor::{DType, Tensor, ops, random, set_random_seed};
use std::sync::{Arc, Mutex, MutexGuard};

fn samples(n: usize, seed: u32) -> (Tensor, Tensor) {
    let x = random::normal([n, 6], 0.0, 1.0, DType::F32, seed).unwrap();
    let y = random::randint([n], 0, 3, DType::I32, seed + 1).unwrap();
    (x, y)
}

/// The seed is that of the process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(|e| e.into_inner())
}

fn model() -> Sequential {
    set_random_seed(11);
    let mut model = Sequential::from((
        Input::new([6]),
        Dense::new(8).activation("relu"),
        Dense::new(3).activation("softmax"),
    ));
    model.compile(Adam::new(0.01), "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    model
}

fn weights(model: &Model) -> Vec<Vec<f32>> {
    model.get_weights().unwrap().iter().map(|w| w.to_vec::<f32>().unwrap()).collect()
}

fn slices(x: &Tensor, y: &Tensor) -> Dataset {
    Dataset::from_tensor_slices((x, y)).unwrap()
}

#[test]
fn the_same_bits_as_tensors() {
    let _alone = alone();
    let ((x, y), (vx, vy)) = (samples(50, 1), samples(23, 7));
    let mut a = model();
    let quiet = || Fit::epochs(3).verbose(0).batch_size(8).shuffle(false);
    let on_tensors = a.fit(&x, &y, quiet().validation_data((&vx, &vy))).unwrap();
    // Slices, a generator of unknown length, and elements made by threads.
    let (gx, gy) = (x.clone(), y.clone());
    let generated = Dataset::from_fallible_generator(move || {
        let (x, y) = (gx.clone(), gy.clone());
        (0..50).map(move |i| {
            let row = |t: &Tensor| ops::squeeze(&ops::narrow(t, 0, i, i + 1)?, 0);
            Ok((row(&x)?, row(&y)?))
        })
    });
    let datasets = [
        slices(&x, &y).batch(8),
        generated.batch(8),
        slices(&x, &y).map_parallel(|e: Element| Ok(e), 3).batch(8).prefetch(AUTOTUNE),
        slices(&x, &y).batch(8).cache(),
    ];
    for dataset in datasets {
        let mut b = model();
        let val = slices(&vx, &vy).batch(8);
        let history = b.fit(&dataset, (), Fit::epochs(3).verbose(0).validation_data(&val)).unwrap();
        assert_eq!(weights(&a), weights(&b));
        for name in ["loss", "accuracy", "val_loss", "val_accuracy"] {
            assert_eq!(on_tensors[name], history[name], "{name}");
        }
        let report = b.evaluate(&dataset, ()).unwrap();
        assert_eq!(report, a.evaluate_with(&x, &y, Evaluate::new().batch_size(8).verbose(0)).unwrap());
        let options = || Predict::new().batch_size(8).verbose(0);
        let expected = a.predict_with(&x, options()).unwrap();
        assert!(b.predict_with(&dataset, options()).unwrap().bit_equal(&expected));
        let two = b.predict_with(&dataset, options().steps(2)).unwrap();
        assert!(two.bit_equal(&ops::narrow(&expected, 0, 0, 16).unwrap()));
    }
}

#[test]
fn weights_of_samples_and_classes() {
    let _alone = alone();
    let (x, y) = samples(40, 3);
    let w = random::uniform([40], 0.0, 2.0, DType::F32, 5).unwrap();
    let quiet = || Fit::epochs(2).verbose(0);
    let (mut a, mut b) = (model(), model());
    a.fit(&x, &y, quiet().batch_size(16).shuffle(false).sample_weight(&w)).unwrap();
    b.fit(Dataset::from_tensor_slices((&x, &y, &w)).unwrap().batch(16), (), quiet()).unwrap();
    assert_eq!(weights(&a), weights(&b));
    let (mut a, mut b) = (model(), model());
    let classes = [(0, 2.0), (2, 0.25)];
    a.fit(&x, &y, quiet().batch_size(16).shuffle(false).class_weight(classes)).unwrap();
    b.fit(slices(&x, &y).batch(16), (), quiet().class_weight(classes)).unwrap();
    assert_eq!(weights(&a), weights(&b));
}

/// Counts batches of each epoch.
#[derive(Clone, Default)]
struct Count(Arc<Mutex<Vec<usize>>>, Arc<Mutex<Vec<Option<usize>>>>);

impl Callback for Count {
    fn on_epoch_begin(&mut self, cx: &CallbackCx, _: usize) -> Result<()> {
        self.0.lock().unwrap().push(0);
        self.1.lock().unwrap().push(cx.params().steps);
        Ok(())
    }

    fn on_train_batch_end(&mut self, _: &CallbackCx, _: usize) -> Result<()> {
        *self.0.lock().unwrap().last_mut().unwrap() += 1;
        Ok(())
    }
}

#[test]
fn steps_and_passes() {
    let _alone = alone();
    let (x, y) = samples(20, 3);
    let counts = |dataset: &Dataset, options: Fit| {
        let count = Count::default();
        model().fit(dataset, (), options.verbose(0).callback(count.clone())).unwrap();
        let counts = count.0.lock().unwrap().clone();
        (counts, count.1.lock().unwrap()[0])
    };
    let batches = slices(&x, &y).batch(6);
    let unknown = batches.filter(|_: Element| Ok(true));
    assert_eq!(counts(&batches, Fit::epochs(2)), (vec![4, 4], Some(4)));
    assert_eq!(counts(&unknown, Fit::epochs(2)), (vec![4, 4], None));
    // Endless data needs steps; an epoch goes on where the last one stopped.
    assert_eq!(counts(&batches.repeat(None), Fit::epochs(2).steps_per_epoch(7)), (vec![7, 7], Some(7)));
    // Data that runs out ends its epoch, and the next one begins with it anew.
    assert_eq!(counts(&unknown, Fit::epochs(3).steps_per_epoch(3)).0, [3, 1, 3]);
    assert_eq!(counts(&unknown, Fit::epochs(3).steps_per_epoch(2)).0, [2, 2, 2]);
    // The last smaller batch, and validation that is cut short.
    let validated = model()
        .fit(
            &batches,
            (),
            Fit::epochs(1).verbose(0).validation_data(batches.repeat(None)).validation_steps(3),
        )
        .unwrap();
    assert!(validated["val_loss"][0].is_finite());
    let two = Evaluate::new().steps(2).verbose(0);
    assert!(model().evaluate_with(batches.repeat(None), (), two).unwrap().loss().is_finite());
}

#[test]
fn an_epoch_sees_its_own_order() {
    let _alone = alone();
    let (x, y) = samples(32, 3);
    let shuffled = slices(&x, &y).shuffle(32, 5).batch(8).prefetch(2);
    let (mut whole, mut parts) = (model(), model());
    whole.fit(&shuffled, (), Fit::epochs(4).verbose(0)).unwrap();
    parts.fit(&shuffled, (), Fit::epochs(2).verbose(0)).unwrap();
    parts.fit(&shuffled, (), Fit::epochs(4).initial_epoch(2).verbose(0)).unwrap();
    assert_eq!(weights(&whole), weights(&parts));
    let mut same = model();
    same.fit(shuffled.take(4), (), Fit::epochs(4).verbose(0)).unwrap();
    assert_eq!(weights(&whole), weights(&same));
}

/// Ends training with an error after so many batches.
struct Stop(usize);

impl Callback for Stop {
    fn on_train_batch_end(&mut self, _: &CallbackCx, _: usize) -> Result<()> {
        self.0 -= 1;
        if self.0 == 0 { Err(Error::state("the power failed")) } else { Ok(()) }
    }
}

#[test]
fn resumed_in_the_middle_of_an_epoch() {
    let _alone = alone();
    let (x, y) = samples(64, 3);
    let folder = std::env::temp_dir().join(format!("rhyton-datasets-resume-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    for shuffled in [
        slices(&x, &y).shuffle(64, 5).batch(8),
        slices(&x, &y).map(|e: Element| Ok(e)).shuffle(20, 1).batch(8).prefetch(1),
    ] {
        let mut whole = model();
        whole.fit(&shuffled, (), Fit::epochs(3).verbose(0)).unwrap();
        let backup = || BackupAndRestore::new(&folder).save_freq(5);
        let mut parts = model();
        let e = parts
            .fit(&shuffled, (), Fit::epochs(3).verbose(0).callback(backup()).callback(Stop(13)))
            .unwrap_err();
        assert!(e.to_string().contains("the power failed"));
        let mut again = model();
        again.fit(&shuffled, (), Fit::epochs(3).verbose(0).callback(backup())).unwrap();
        assert_eq!(weights(&whole), weights(&again));
    }
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn several_inputs_and_outputs() {
    let _alone = alone();
    let (a, b) = (input([4]), input([2]));
    let both = Concatenate::new().call([&a, &b]).unwrap();
    let outputs =
        [Dense::new(1).name("price").call(&both).unwrap(), Dense::new(2).name("kind").call(&both).unwrap()];
    let mut model = Model::new([&a, &b], [&outputs[0], &outputs[1]]).unwrap();
    model.compile("sgd", ["mse", "mse"], ()).unwrap();
    let n = |shape: [usize; 2], seed: u32| random::normal(shape, 0.0, 1.0, DType::F32, seed).unwrap();
    let (xa, xb, ya, yb) = (n([24, 4], 1), n([24, 2], 2), n([24, 1], 3), n([24, 2], 4));
    let dataset = Dataset::from_tensor_slices((&xa, &xb, &ya, &yb)).unwrap().batch(8);
    let before =
        model.evaluate_with([&xa, &xb], [&ya, &yb], Evaluate::new().batch_size(8).verbose(0)).unwrap();
    assert_eq!(model.evaluate(&dataset, ()).unwrap(), before);
    model.fit(&dataset, (), Fit::epochs(2).verbose(0)).unwrap();
    assert!(model.evaluate(&dataset, ()).unwrap().loss() < before.loss());
    let outputs = model.predict_all(&dataset).unwrap();
    assert_eq!((outputs[0].shape(), outputs[1].shape()), (&[24, 1][..], &[24, 2][..]));
    let three = Dataset::from_tensor_slices((&xa, &xb, &ya)).unwrap().batch(8);
    let told = model.fit(&three, (), Fit::epochs(1).verbose(0)).unwrap_err().to_string();
    assert!(told.contains("expected 2 inputs, 2 targets and sample weights, got 3 tensors"), "{told}");
}

/// Batches made by a type of the user's.
struct Batches(usize);

impl Sequence for Batches {
    fn len(&self) -> usize {
        self.0
    }

    fn get(&self, index: usize) -> Result<Element> {
        let (x, y) = samples(4, index as u32);
        if index == 5 { Err(Error::value("batch five is lost")) } else { Ok(vec![x, y]) }
    }
}

#[test]
fn a_type_of_the_users() {
    let _alone = alone();
    let mut model = model();
    let history = model.fit(Dataset::from_sequence(Batches(5)), (), Fit::epochs(2).verbose(0)).unwrap();
    assert_eq!(history["loss"].len(), 2);
    let lost = Dataset::from_sequence(Batches(6)).prefetch(2);
    let told = model.fit(&lost, (), Fit::epochs(1).verbose(0)).unwrap_err().to_string();
    assert_eq!(told, "fit: batch 5 of the dataset: element 5: batch five is lost");
}

#[test]
fn what_does_not_fit_is_told() {
    let _alone = alone();
    let (x, y) = samples(12, 3);
    let d = slices(&x, &y).batch(4);
    let mut model = model();
    let mut told = |data: &Dataset, y: rhyton_model::Data, options: Fit| {
        model.fit(data, y, options.verbose(0)).map(|_| ()).unwrap_err().to_string()
    };
    let none = || rhyton_model::Data::default();
    let once = || Fit::epochs(1);
    assert!(told(&d, (&y).into(), once()).contains("targets and sample weights come from the elements"));
    assert!(
        told(&d, none(), once().validation_split(0.5))
            .contains("validation_split takes samples from tensors")
    );
    assert!(told(&d, none(), once().sample_weight(&y)).contains("give () for y and no weights"));
    assert!(told(&d.take(0), none(), once()).contains("the dataset has no elements"));
    assert!(told(&slices(&x, &y), none(), once()).contains("fit: batch 0 of the dataset: "));
    let labels = Tensor::from(vec![7i32; 12]);
    let e = told(&slices(&x, &labels).batch(4), none(), once());
    assert!(e.contains("batch 0 of the dataset: y: label 7 in row 0"), "{e}");
    assert!(told(&d, none(), once().validation_data(Validation::from((&x, &d)))).contains("validation_data"));
    let model = self::model();
    for told in [
        model.test_on_batch(&d, ()).map(|_| ()).unwrap_err().to_string(),
        model.predict_on_batch(&d).map(|_| ()).unwrap_err().to_string(),
    ] {
        assert!(told.contains("x: expected tensors, got a dataset"), "{told}");
    }
}
