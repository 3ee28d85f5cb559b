//! docs/keras-names-nn.md names everything that Keras has in these namespaces, and what it says is here is here.

use rhyton::{activations, constraints, initializers, losses, metrics, optimizers, regularizers};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Namespace by namespace, the names with what the page says of them.
fn page() -> BTreeMap<String, Vec<(String, String)>> {
    let text = std::fs::read_to_string(repository().join("docs/keras-names-nn.md")).expect("the page");
    let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut namespace = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## keras.") {
            namespace = title.to_string();
        } else if line.starts_with("| `") {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            assert!(cells.len() == 5, "{line}");
            let name = cells[1].trim_matches('`').to_string();
            assert!(cells[2] != "no" || !cells[3].is_empty(), "{name} is absent without a reason");
            all.entry(namespace.clone()).or_default().push((name, cells[2].to_string()));
        }
    }
    all
}

#[test]
fn every_name_of_keras_is_on_the_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/keras_names_nn.json");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the list")).expect("JSON");
    let page = page();
    for (namespace, names) in list["names"].as_object().expect("namespaces") {
        let expected: Vec<&str> = names.as_array().expect("names").iter().filter_map(Value::as_str).collect();
        let listed: Vec<&str> = page[namespace].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(listed, expected, "{namespace}");
    }
    assert_eq!(page.len(), list["names"].as_object().expect("namespaces").len());
}

/// Whether a class or a string is known, with arguments where there are some without defaults.
fn resolves(namespace: &str, name: &str) -> rhyton::Result<()> {
    let sgd = json!({"class_name": "SGD"});
    let given = match name {
        "IoU" | "OneHotIoU" => json!({"num_classes": 2, "target_class_ids": [0]}),
        "MeanIoU" | "OneHotMeanIoU" => json!({"num_classes": 2}),
        "SensitivityAtSpecificity" => json!({"specificity": 0.5}),
        "SpecificityAtSensitivity" => json!({"sensitivity": 0.5}),
        "PrecisionAtRecall" => json!({"recall": 0.5}),
        "RecallAtPrecision" => json!({"precision": 0.5}),
        "MeanMetricWrapper" => json!({"fn": "mse"}),
        "LossScaleOptimizer" => json!({"inner_optimizer": sgd}),
        "MultiOptimizer" => json!({"optimizer_map": {"class_name": "OptimizerMap",
            "config": {"default_optimizer": sgd, "optimizer_map": {"a.*": sgd}}}}),
        "ExponentialDecay" | "InverseTimeDecay" => {
            json!({"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5})
        }
        "PolynomialDecay" | "CosineDecay" => json!({"initial_learning_rate": 0.1, "decay_steps": 10}),
        "CosineDecayRestarts" => json!({"initial_learning_rate": 0.1, "first_decay_steps": 10}),
        "PiecewiseConstantDecay" => json!({"boundaries": [1], "values": [0.2, 0.1]}),
        _ => json!({}),
    };
    let config = given.as_object().expect("an object");
    match namespace {
        "activations" => activations::get(name).map(|_| ()),
        "constraints" => constraints::from_config(name, config).map(|_| ()),
        "initializers" => initializers::from_config(name, config).map(|_| ()),
        "losses" => losses::from_config(name, config).map(|_| ()),
        "metrics" => metrics::from_config(name, config).map(|_| ()),
        "optimizers" => optimizers::from_config(name, config).map(|_| ()),
        "optimizers.schedules" => optimizers::schedules::from_config(name, config).map(|_| ()),
        "regularizers" => regularizers::from_config(name, config).map(|_| ()),
        other => panic!("no namespace {other}"),
    }
}

/// Items of modules, which the compiler finds: each as namespace and name.
macro_rules! items {
    ($($namespace:literal $($path:ident)::+: $($name:ident)*;)*) => {{
        let mut found = Vec::new();
        $({
            #[allow(unused_imports)]
            use rhyton::$($path)::+ as module;
            $({
                #[allow(unused_imports)]
                use module::$name as _found;
                found.push(($namespace, stringify!($name)));
            })*
        })*
        found
    }};
}

#[test]
fn what_is_marked_as_present_is_there() {
    let items: Vec<(&str, &str)> = items! {
        "activations" activations: get celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear
            log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
            sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold;
        "constraints" constraints: get Constraint;
        "initializers" initializers: get Initializer;
        "losses" losses: get Loss binary_crossentropy binary_focal_crossentropy categorical_crossentropy
            categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge circle
            cosine_similarity ctc dice hinge huber kl_divergence log_cosh mean_absolute_error
            mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson
            sparse_categorical_crossentropy squared_hinge tversky;
        "metrics" metrics: get Metric binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy
            categorical_crossentropy categorical_focal_crossentropy categorical_hinge concordance_correlation hinge
            huber kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error
            mean_squared_logarithmic_error pearson_correlation poisson sparse_categorical_accuracy
            sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge
            top_k_categorical_accuracy;
        "optimizers" optimizers: get Optimizer OptimizerMap schedules;
        "optimizers.schedules" optimizers::schedules: LearningRateSchedule;
        "regularizers" regularizers: get Regularizer;
    };
    for (namespace, names) in page() {
        for (name, kind) in names {
            match kind.as_str() {
                "class" | "name" => {
                    resolves(&namespace, &name).unwrap_or_else(|e| panic!("{namespace}: {e}"))
                }
                "function" | "trait" | "type" | "module" => {
                    assert!(items.contains(&(namespace.as_str(), name.as_str())), "{namespace}.{name}");
                }
                "no" => assert!(!items.contains(&(namespace.as_str(), name.as_str())), "{namespace}.{name}"),
                other => panic!("{namespace}.{name} is marked {other:?}"),
            }
        }
    }
}
