//! Feature spaces with files and datasets: Keras's file is read, ours is read again and, where the environment variable
//! `RHYTON_PYTHON` names an interpreter that has Keras with TensorFlow, by Keras. Datasets with names feed models by them.

mod common;

use common::{close, folder, golden, json};
use rhyton_data::{AUTOTUNE, Csv, Dataset, Named};
use rhyton_model::{Evaluate, FeatureSpaceExt, Fit, Model, Predict, load_model};
use rhyton_nn::layers::{Column, Concatenate, Dense, Feature, FeatureSpace, Input};
use rhyton_tensor::{DType, Tensor, ops, set_random_seed};
use serde_json::Value;
use std::process::Command;

fn column(v: &Value) -> Column {
    let list = v.as_array().unwrap();
    if list[0].is_string() {
        return list.iter().map(|x| x.as_str().unwrap().to_string()).collect::<Vec<_>>().into();
    }
    let numbers: Vec<f64> = list.iter().map(|x| x.as_f64().unwrap()).collect();
    let dtype = if list[0].is_i64() { DType::I32 } else { DType::F32 };
    ops::cast(&Tensor::from(numbers), dtype).unwrap().into()
}

#[test]
fn files_of_keras_to_and_fro() {
    let facts = json("feature_space.json");
    let table: Vec<(&str, Column)> =
        facts["table"].as_object().unwrap().iter().map(|(name, c)| (name.as_str(), column(c))).collect();
    let rows = facts["output"].as_array().unwrap().iter();
    let expected: Vec<f64> = rows.flat_map(|r| r.as_array().unwrap()).map(|v| v.as_f64().unwrap()).collect();
    let folder = folder("feature-space");

    let space = FeatureSpace::load(golden("keras_files/feature_space.keras")).unwrap();
    close("Keras's", &space.call(&table).unwrap().to_f64s().unwrap(), &expected, 1e-5);
    let path = folder.join("again.keras");
    space.save(&path).unwrap();
    let again = FeatureSpace::load(&path).unwrap();
    close("again", &again.call(&table).unwrap().to_f64s().unwrap(), &expected, 1e-5);

    // One that learns here, with the features in another order.
    let own = FeatureSpace::new([
        ("street", Feature::string_hashed(6)),
        ("rooms", Feature::integer_categorical()),
        ("zone", "integer_hashed".into()),
        ("weight", Feature::float_discretized(3)),
        ("age", "float_normalized".into()),
        ("size", "float_rescaled".into()),
        ("raw", "float".into()),
        ("city", Feature::string_categorical().max_tokens(4)),
    ])
    .cross(["city", "rooms"], 7)
    .cross(["zone", "street"], 7)
    .hashing_dim(5);
    let early = own.save(folder.join("early.keras")).unwrap_err().to_string();
    assert!(early.starts_with("FeatureSpace: save"), "{early}");
    own.adapt(&table).unwrap();
    let learnt = folder.join("learnt.keras");
    own.save(&learnt).unwrap();
    let read = FeatureSpace::load(&learnt).unwrap();
    close("learnt", &read.call(&table).unwrap().to_f64s().unwrap(), &expected, 1e-5);

    if let Ok(python) = std::env::var("RHYTON_PYTHON") {
        let has = Command::new(&python).args(["-c", "import tensorflow"]).output().unwrap();
        match has.status.success() {
            false => println!("skipped: {python} has no TensorFlow, which Keras needs for feature spaces"),
            true => {
                for path in [&path, &learnt] {
                    let run =
                        Command::new(&python).arg(golden("feature_space.py")).arg(path).output().unwrap();
                    assert!(run.status.success(), "{path:?}: {}", String::from_utf8_lossy(&run.stderr));
                }
            }
        }
    } else {
        println!("skipped: RHYTON_PYTHON does not name an interpreter with Keras");
    }

    let e = |e: rhyton_base::Error| e.to_string();
    let other = FeatureSpace::load(golden("keras_files/adam.keras")).map(|_| ()).map_err(e).unwrap_err();
    assert!(other.contains("expected a FeatureSpace, the file has a Sequential"), "{other}");
    assert!(load_model(&path).is_err());
    assert!(space.save(folder.join("space.h5")).map_err(e).unwrap_err().contains("ends in .keras"));
    std::fs::remove_dir_all(folder).unwrap();
}

/// Two inputs in this order.
fn two_inputs() -> Model {
    set_random_seed(5);
    let (wide, flat) = (Input::new([2]).name("wide").tensor(), Input::new([1]).name("flat").tensor());
    let hidden = Dense::new(4).activation("relu").call(&wide).unwrap();
    let both = Concatenate::new().call(&[hidden, flat.clone()]).unwrap();
    let mut model = Model::new([&wide, &flat], Dense::new(1).call(&both).unwrap()).unwrap();
    model.compile("adam", "mse", ["mae"]).unwrap();
    model
}

#[test]
fn models_take_named_tensors_by_the_names_of_inputs() {
    let wide = ops::reshape(&ops::arange(40, DType::F32).unwrap(), [20, 2]).unwrap() / 40.0;
    let flat = ops::reshape(&ops::arange(20, DType::F32).unwrap(), [20, 1]).unwrap() / 20.0;
    let y = &flat * 2.0;
    // In another order than the model's inputs.
    let named =
        Dataset::from_tensor_slices((Named::from([("flat", &flat), ("wide", &wide)]), y.clone())).unwrap();
    let listed = Dataset::from_tensor_slices((&wide, &flat, &y)).unwrap();
    let run = |dataset: &Dataset| {
        let mut model = two_inputs();
        let batches = dataset.shuffle(20, 3).batch(6).prefetch(AUTOTUNE);
        let fit = Fit::epochs(3).verbose(0).validation_data(&batches);
        let history = model.fit(&batches, (), fit).unwrap();
        let evaluation = model.evaluate_with(&batches, (), Evaluate::new().verbose(0)).unwrap();
        let predicted = model.predict_with(dataset.batch(8), Predict::new().verbose(0)).unwrap();
        (
            history["loss"].clone(),
            history["val_mae"].clone(),
            evaluation.loss(),
            predicted.to_vec::<f32>().unwrap(),
        )
    };
    assert_eq!(run(&named), run(&listed));

    // What a function makes of the names, by several threads, and without targets.
    let doubled = named.map_parallel(
        |(mut x, y): (Named, Tensor)| {
            x.insert("flat", x.get("flat")? * 1.0);
            Ok((x, y))
        },
        2,
    );
    assert_eq!(doubled.names().unwrap(), ["flat", "wide"]);
    assert_eq!(run(&doubled), run(&listed));
    let inputs = named.map(|(x, _): (Named, Tensor)| Ok(x)).batch(20);
    let by_name = two_inputs().predict_with(&inputs, Predict::new().verbose(0)).unwrap();
    let by_order = two_inputs().predict_with([&wide, &flat], Predict::new().verbose(0)).unwrap();
    assert!(by_name.bit_equal(&by_order));

    let wrong =
        named.map(|(x, y): (Named, Tensor)| Ok((Named::from([("flt", x.get("flat")?.clone())]), y))).batch(4);
    let told = two_inputs().fit(&wrong, (), Fit::epochs(1).verbose(0)).unwrap_err().to_string();
    assert!(told.contains("no input \"flt\"; did you mean \"flat\"?"), "{told}");
    let told = two_inputs().fit(&inputs, (), Fit::epochs(1).verbose(0)).unwrap_err().to_string();
    assert!(told.contains("target"), "{told}");
}

#[test]
fn names_go_through_pipelines() {
    let names = |d: &Dataset| d.names().unwrap();
    let ages = Dataset::from_tensor_slices(Named::from([("age", Tensor::from([1.0f32, 2.0, 3.0]))])).unwrap();
    let sizes = Dataset::from_tensor_slices(Named::from([("size", Tensor::from([4i32, 5, 6]))])).unwrap();
    let y = Dataset::range(3);
    let all = Dataset::zip([&ages, &sizes, &y]);
    assert_eq!(names(&all), ["age", "size"]);
    let through = all.filter(|(x, _): (Named, Tensor)| Ok(x.get("size")?.item::<i32>()? > 4)).shuffle(3, 1);
    let through = through.repeat(2).batch(2).unbatch().window(2, 2, 1, true).cache().skip(1).take(1);
    assert_eq!(names(&through), ["age", "size"]);
    assert_eq!(through.iter().count(), 1);
    assert!(names(&Dataset::zip([&y, &ages])).is_empty() && names(&all.enumerate(0)).is_empty());
    assert_eq!(names(&ages.concatenate(&ages).named(["years"]).unwrap()), ["years"]);
    assert!(ages.named(["a", "a"]).is_err());

    // Functions must give all elements the same names, and need names to take.
    let uneven = y.map(|i: Tensor| {
        let name = if i.item::<i64>()? < 2 { "few" } else { "many" };
        Ok(Named::from([(name, i)]))
    });
    assert_eq!(names(&uneven), ["few"]);
    let told = uneven.iter().last().unwrap().unwrap_err().to_string();
    assert!(told.contains("expected tensors of the names [\"few\"]"), "{told}");
    let told = y.map(|x: Named| Ok(x)).iter().next().unwrap().unwrap_err().to_string();
    assert!(told.contains("Dataset::named"), "{told}");
    let generated =
        Dataset::from_generator(|| (0..3i64).map(|i| (Named::from([("i", i)]), Tensor::from(-i))));
    assert_eq!(names(&generated.batch(2)), ["i"]);
}

#[test]
fn a_space_takes_the_rows_of_a_csv_file() {
    let folder = folder("feature-space-csv");
    let path = folder.join("houses.csv");
    let rows: String =
        (0..200).map(|i| format!("{},{},{}\n", i % 7, ["Rome", "Oslo", "Lima"][i % 3], i % 7 * 2)).collect();
    std::fs::write(&path, format!("rooms,city,price\n{rows}")).unwrap();
    let csv =
        Csv::new(&path).label_name("price").vocabulary("city", ["Rome", "Oslo", "Lima"]).columns().unwrap();
    let space = FeatureSpace::new([("rooms", "float_normalized"), ("city", "integer_categorical")]);
    space.adapt_dataset(&csv).unwrap();
    // Whether its elements are rows or batches of them changes nothing.
    let batched = FeatureSpace::new([("rooms", "float_normalized"), ("city", "integer_categorical")]);
    batched.adapt_dataset(&csv.batch(64)).unwrap();
    let some = Named::from([("rooms", Tensor::from([3.0f32, 6.0])), ("city", Tensor::from([2i64, 0]))]);
    assert!(space.call_named(&some).unwrap().bit_equal(&batched.call_named(&some).unwrap()));

    let encoded = csv.batch(20).map(move |(x, y): (Named, Tensor)| Ok((space.call_named(&x)?, y)));
    set_random_seed(1);
    let x = Input::new([5]).tensor();
    let mut model = Model::new(&x, Dense::new(1).call(&x).unwrap()).unwrap();
    model.compile("adam", "mse", ["mae"]).unwrap();
    let history = model.fit(&encoded, (), Fit::epochs(30).verbose(0)).unwrap();
    assert!(history["loss"][29] < 0.9 * history["loss"][0]);
    std::fs::remove_dir_all(folder).unwrap();
}
