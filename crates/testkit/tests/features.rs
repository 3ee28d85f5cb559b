//! Helpers for columns of data against scikit-learn, SciPy and NumPy.

use rhyton::Tensor;
use rhyton::features::{
    Imputer, MutualInfo, ks_2samp, mutual_info_classif, mutual_info_regression, population_stability_index,
};
use rhyton::validation::ThresholdRates;
use serde_json::Value;

fn facts() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/features.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("golden values")).expect("JSON")
}

fn numbers(v: &Value) -> Vec<f64> {
    match v {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        Value::Null => vec![f64::NAN],
        one => vec![one.as_f64().expect("a number")],
    }
}

fn table(v: &Value) -> Tensor {
    let all = numbers(v);
    let rows = v.as_array().expect("rows").len();
    let width = all.len() / rows;
    Tensor::from_slice(&all, [rows, width]).expect("a table")
}

#[track_caller]
fn close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance * e.abs().max(1e-3), "{what}: got {got:?}, expected {expected:?}");
    }
}

#[test]
fn mutual_information_of_scikit_learn() {
    let facts = &facts()["mutual"];
    let (x, labels) = (table(&facts["x"]), Tensor::from(numbers(&facts["labels"])));
    let target = Tensor::from(numbers(&facts["target"]));
    for k in [1, 3, 10] {
        let how = MutualInfo::new().discrete_features([3]).n_neighbors(k);
        let got = mutual_info_classif(&x, &labels, how.clone()).expect("scores");
        close("classif", &got, &numbers(&facts[format!("classif {k}")]), 1e-9);
        let got = mutual_info_regression(&x, &target, how).expect("scores");
        close("regression", &got, &numbers(&facts[format!("regression {k}")]), 1e-9);
    }
}

#[test]
fn the_kolmogorov_smirnov_test_of_scipy() {
    let facts = facts();
    for case in facts["ks"].as_array().expect("cases") {
        let test = ks_2samp(&numbers(&case["a"]), &numbers(&case["b"])).expect("a test");
        close("statistic", &[test.statistic], &numbers(&case["statistic"]), 1e-12);
        let expected = case["p"].as_f64().expect("a probability");
        assert!((test.p_value - expected).abs() <= 1e-9 * expected, "{} expected {expected}", test.p_value);
    }
}

#[test]
fn the_imputer_of_scikit_learn() {
    let facts = &facts()["imputer"];
    let x = table(&facts["x"]);
    for (name, imputer) in [("mean", Imputer::mean()), ("median", Imputer::median())] {
        let y = imputer.indicator(true).fit(&x).and_then(|i| i.transform(&x)).expect("a table");
        close(name, &y.to_f64s().expect("numbers"), &numbers(&facts[name]), 1e-12);
    }
}

#[test]
fn rates_at_thresholds() {
    let facts = &facts()["rates"];
    let (labels, scores) = (Tensor::from(numbers(&facts["labels"])), Tensor::from(numbers(&facts["scores"])));
    for row in facts["at"].as_array().expect("rows") {
        let row = numbers(row);
        let rates = ThresholdRates::at(&labels, &scores, row[0]).expect("rates");
        close("rates", &[rates.false_positive_rate, rates.false_negative_rate], &row[1..], 1e-12);
    }
    // Chosen thresholds keep their word, and the next one would not.
    let all = ThresholdRates::all(&labels, &scores).expect("rates");
    for wanted in [0.0, 0.05, 0.3, 1.0] {
        let best = ThresholdRates::for_false_positive_rate(&labels, &scores, wanted).expect("a threshold");
        assert!(best.false_positive_rate <= wanted);
        assert!(
            all.iter()
                .all(|r| r.false_positive_rate > wanted || r.false_negative_rate >= best.false_negative_rate)
        );
        let best = ThresholdRates::for_false_negative_rate(&labels, &scores, wanted).expect("a threshold");
        assert!(best.false_negative_rate <= wanted);
        assert!(
            all.iter()
                .all(|r| r.false_negative_rate > wanted || r.false_positive_rate >= best.false_positive_rate)
        );
    }
    let e = ThresholdRates::for_false_positive_rate(&labels, &scores, -0.1).expect_err("no rate").to_string();
    assert!(e.contains("from 0 to 1"), "{e}");
}

#[test]
fn the_stability_index_of_numpy() {
    let facts = &facts()["psi"];
    let got = population_stability_index(&numbers(&facts["reference"]), &numbers(&facts["current"]), 10);
    close("index", &[got.expect("an index")], &numbers(&facts["index"]), 1e-12);
}
