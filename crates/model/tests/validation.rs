//! Samples are put aside without loss, folds train models of their own, and baselines are what they say.

use rhyton_model::validation::{Baseline, Fold, HoldOut, KFold};
use rhyton_model::{Data, Evaluate, Fit, Sequential};
use rhyton_nn::layers::Dense;
use rhyton_nn::optimizers::Adam;
use rhyton_tensor::{DType, Tensor, ops, set_random_seed};

fn numbers(data: &Data) -> Vec<f64> {
    data.tensors()[0].to_f64s().unwrap()
}

/// Each sample is on one side, with its own target.
fn check(fold: &Fold, samples: usize) {
    for (x, y) in [(&fold.x_train, &fold.y_train), (&fold.x_val, &fold.y_val)] {
        let doubled: Vec<f64> = numbers(x).iter().map(|x| 2.0 * x).collect();
        assert_eq!(doubled, numbers(y));
    }
    let mut all = [numbers(&fold.x_train), numbers(&fold.x_val)].concat();
    all.sort_by(f64::total_cmp);
    assert_eq!(all, (0..samples).map(|i| i as f64).collect::<Vec<_>>());
}

fn data(samples: i64) -> (Tensor, Tensor) {
    let x = ops::arange(samples, DType::F64).unwrap();
    let y = &x * 2.0;
    (x, y)
}

#[test]
fn samples_put_aside() {
    let (x, y) = data(11);
    let fold = HoldOut::new(0.2).split(&x, &y).unwrap();
    check(&fold, 11);
    // As many as `validation_split` takes, and the same.
    assert_eq!(numbers(&fold.x_val), [8.0, 9.0, 10.0]);
    let fold = HoldOut::count(4).shuffle(true).seed(3).split(&x, &y).unwrap();
    check(&fold, 11);
    assert_eq!(numbers(&fold.x_val).len(), 4);
    let again = HoldOut::count(4).shuffle(true).seed(3).split(&x, &y).unwrap();
    assert_eq!(numbers(&fold.x_val), numbers(&again.x_val));
    let other = HoldOut::count(4).shuffle(true).seed(4).split(&x, &y).unwrap();
    assert_ne!(numbers(&fold.x_val), numbers(&other.x_val));
}

#[test]
fn folds_judge_by_every_sample_once_a_round() {
    let (x, y) = data(11);
    for k in [2, 3, 4, 11] {
        let mut judged = Vec::new();
        for fold in KFold::new(k).split(&x, &y).unwrap() {
            let fold = fold.unwrap();
            check(&fold, 11);
            judged.extend(numbers(&fold.x_val));
        }
        assert_eq!(judged, numbers(&Data::from(&x)));
    }
    let folds = KFold::new(4).repeats(3).seed(5).split(&x, &y).unwrap();
    assert_eq!(folds.len(), 12);
    let mut rounds = vec![Vec::new(); 3];
    for fold in folds {
        let fold = fold.unwrap();
        check(&fold, 11);
        rounds[fold.number / 4].extend(numbers(&fold.x_val));
    }
    assert!(rounds[0] != rounds[1] && rounds[1] != rounds[2]);
    for mut round in rounds {
        round.sort_by(f64::total_cmp);
        assert_eq!(round, numbers(&Data::from(&x)));
    }
}

/// Two clouds of points: 60 of the first class, 30 of the second.
fn clouds() -> (Tensor, Tensor) {
    let noise = rhyton_tensor::random::normal([90, 2], 0.0, 0.3, DType::F32, 8).unwrap();
    let labels: Vec<i32> = (0..90).map(|i| i32::from(i % 3 == 0)).collect();
    let y = Tensor::from(labels);
    let x = noise + y.cast(DType::F32).reshape([90, 1]).unwrap();
    (x, y)
}

#[test]
fn a_new_model_learns_in_each_fold() {
    set_random_seed(1);
    let (x, y) = clouds();
    let mut trained = Vec::new();
    let scores = KFold::new(3)
        .shuffle(true)
        .seed(2)
        .evaluate(&x, &y, |fold| {
            // Enough units to learn from any start: other tests draw from the same seed meanwhile.
            let mut model =
                Sequential::from((Dense::new(16).activation("relu"), Dense::new(2).activation("softmax")));
            model.compile(Adam::new(0.01), "sparse_categorical_crossentropy", ["accuracy"])?;
            model.fit(&fold.x_train, &fold.y_train, Fit::epochs(60).batch_size(8).verbose(0))?;
            trained.push(fold.number);
            model.evaluate_with(&fold.x_val, &fold.y_val, Evaluate::new().verbose(0))
        })
        .unwrap();
    assert_eq!(trained, [0, 1, 2]);
    let each = scores.values("accuracy").unwrap();
    let mean = each.iter().sum::<f64>() / 3.0;
    assert_eq!(scores.mean("accuracy").unwrap(), mean);
    let spread = (each.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 3.0).sqrt();
    assert!((scores.std("accuracy").unwrap() - spread).abs() < 1e-15);
    let baseline = Baseline::majority_class(&y).unwrap().evaluate(&y, ["accuracy"]).unwrap();
    assert!((baseline["accuracy"] - 2.0 / 3.0).abs() < 1e-6);
    assert!(mean > baseline["accuracy"] + 0.1, "{scores}");
    assert!(scores.to_string().starts_with("loss: ") || scores.to_string().starts_with("accuracy: "));
    assert!(scores.to_string().ends_with("(3 folds)"), "{scores}");
}

#[test]
fn answers_without_a_model() {
    let (_, y) = clouds();
    let one_hot = ops::one_hot(&y, 2, -1, DType::F32).unwrap();
    let from_rows = Baseline::majority_class(&one_hot).unwrap().evaluate(&one_hot, ["accuracy"]).unwrap();
    assert!((from_rows["accuracy"] - 2.0 / 3.0).abs() < 1e-6);
    // Drawn by their shares, classes are right with probability 4/9 + 1/9.
    let many = ops::tile(&y, &[200]).unwrap();
    let drawn = Baseline::random_class(&many, 7).unwrap().evaluate(&many, ["accuracy"]).unwrap();
    assert!((drawn["accuracy"] - 5.0 / 9.0).abs() < 0.015, "{drawn}");
    let targets = Tensor::from([[1.0f64, 0.0], [3.0, 4.0]]);
    let mean = Baseline::mean(&targets).unwrap();
    assert_eq!(mean.predict(1).unwrap().to_f64s().unwrap(), [2.0, 2.0]);
    assert_eq!(mean.evaluate(&targets, ["mse", "mae"]).unwrap()["mse"], 2.5);
}

#[test]
fn what_is_wrong_is_said() {
    let (x, y) = data(5);
    let says = |e: rhyton_base::Error, text: &str| assert_eq!(e.to_string(), text);
    says(
        HoldOut::new(1.5).split(&x, &y).unwrap_err(),
        "HoldOut: expected a fraction between 0 and 1, got 1.5",
    );
    says(
        HoldOut::count(5).split(&x, &y).unwrap_err(),
        "HoldOut: 5 of 5 samples would be put aside; both sides need at least one",
    );
    let (short, _) = data(4);
    says(
        HoldOut::new(0.5).split(&x, &short).unwrap_err(),
        "HoldOut: expected the same number of samples everywhere, got 5 and 4",
    );
    says(
        KFold::new(6).split(&x, &y).unwrap_err(),
        "KFold: expected from 2 to 5 parts of 5 samples and at least 1 round, got 6 parts and 1 rounds",
    );
    says(KFold::new(2).split((), ()).unwrap_err(), "KFold: there are no samples");
    let failing = KFold::new(2).evaluate(&x, &y, |_| Err(rhyton_base::Error::value("no model")));
    says(failing.unwrap_err(), "fold 0: no model");
    let e = Baseline::majority_class(&Tensor::from([-1, 2])).unwrap_err();
    says(e, "majority_class: expected class numbers from 0 on, got -1 to 2");
}
