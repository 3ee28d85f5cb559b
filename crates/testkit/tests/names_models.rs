//! docs/keras-names-models.md names everything that Keras has around models, and what it says is here is here.

use rhyton::layers::{AnyLayer, BuildCx, CallCx, ConfigReader, Dense, Layer};
use rhyton::prelude::*;
use rhyton::utils::PlotModel;
use rhyton::{
    Batch, CloneModel, Config, CustomSteps, LoadModel, OnBatch, RematScope, StepCx, Summary, clone_model,
    data, layers, viz,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Section by section, the names with what the page says of them.
fn page() -> BTreeMap<String, Vec<(String, String)>> {
    let text = std::fs::read_to_string(repository().join("docs/keras-names-models.md")).expect("the page");
    let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut section = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.to_string();
        } else if line.starts_with("| `") {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            assert!(cells.len() == 5, "{line}");
            let name = cells[1].trim_matches('`').to_string();
            assert!(cells[2] != "no" || !cells[3].is_empty(), "{name} is absent without a reason");
            all.entry(section.clone()).or_default().push((name, cells[2].trim_matches('`').to_string()));
        }
    }
    all
}

#[test]
fn every_name_of_keras_is_on_the_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/keras_names_models.json");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the list")).expect("JSON");
    let page = page();
    for (section, names) in list["names"].as_object().expect("sections") {
        let expected: Vec<&str> = names.as_array().expect("names").iter().filter_map(Value::as_str).collect();
        let listed: Vec<&str> = page[section].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(listed, expected, "{section}");
    }
    assert_eq!(page.len(), list["names"].as_object().expect("sections").len());
}

/// A value that the compiler believes in; what holds it never runs.
fn any<T>() -> T {
    unreachable!("only compiled")
}

/// Paths, each with a use that the compiler checks; a path alone is its own use.
macro_rules! known {
    ($($path:path $(=> $use:expr)?;)*) => {{
        #[allow(unused, clippy::diverging_sub_expression)]
        let _never_run = || {
            $(let _ = || { let _ = known!(@use $path $(=> $use)?); };)*
        };
        [$(stringify!($path).replace(' ', "")),*]
    }};
    (@use $path:path => $use:expr) => { $use };
    (@use $path:path) => { $path };
}

#[test]
fn what_is_marked_as_present_is_there() {
    let model = any::<Model>;
    let x = any::<Tensor>;
    let known: BTreeSet<String> = known! {
        AnyLayer::build_config; AnyLayer::build; AnyLayer::config; AnyLayer::dtype; AnyLayer::dtype_policy;
        AnyLayer::output_metas; AnyLayer::output_shape; AnyLayer::regularization; AnyLayer::trainable;
        Batch::x; Batch::y; Batch::sample_weight;
        BuildCx::add_weight => any::<BuildCx>().add_weight("w", [1], "zeros");
        CallCx::add_loss => any::<CallCx>().add_loss(x());
        CloneModel::clone_function => CloneModel::new().clone_function(|l| l.copied());
        CloneModel::clone_model; CloneModel::recursive;
        CloneModel::input_tensors => CloneModel::new().input_tensors(x());
        Compile::new => Compile::new("sgd", "mse");
        Compile::loss_weights => any::<Compile>().loss_weights(1.0);
        Compile::metrics => any::<Compile>().metrics("mae");
        Compile::weighted_metrics => any::<Compile>().weighted_metrics("mae");
        Compile::auto_scale_loss; Compile::run_eagerly; Compile::steps_per_execution;
        Config => any::<Config>();
        CustomSteps::metrics => any::<Box<dyn CustomSteps>>().metrics();
        CustomSteps::train_step => any::<Box<dyn CustomSteps>>().train_step(&any::<StepCx>(), &any());
        CustomSteps::test_step => any::<Box<dyn CustomSteps>>().test_step(&any::<StepCx>(), &any());
        CustomSteps::predict_step => any::<Box<dyn CustomSteps>>().predict_step(&any::<StepCx>(), &any());
        DType::from_str;
        Evaluate::batch_size; Evaluate::steps;
        Evaluate::callback => any::<Evaluate>().callback(any::<callbacks::ProgbarLogger>());
        Evaluate::sample_weight => any::<Evaluate>().sample_weight(x());
        Evaluate::verbose => any::<Evaluate>().verbose(0);
        Evaluation::get; Evaluation::iter => any::<Evaluation>().iter().count();
        Fit::batch_size; Fit::epochs; Fit::initial_epoch; Fit::steps_per_epoch; Fit::validation_batch_size;
        Fit::validation_split; Fit::validation_steps;
        Fit::callback => any::<Fit>().callback(any::<callbacks::ProgbarLogger>());
        Fit::class_weight => any::<Fit>().class_weight([(0, 1.0)]);
        Fit::sample_weight => any::<Fit>().sample_weight(x());
        Fit::shuffle => any::<Fit>().shuffle(true);
        Fit::validation_data => any::<Fit>().validation_data((x(), x()));
        Fit::validation_freq => any::<Fit>().validation_freq(1);
        Fit::verbose => any::<Fit>().verbose(0);
        History => any::<History>();
        Layer::compute_masks => any::<Dense>().compute_masks(&[], &[]);
        Layer::supports_masking => any::<Dense>().supports_masking();
        LoadModel::compile;
        Model => model();
        Model::build => model().build([1]);
        Model::call => model().call(x());
        Model::compile => model().compile("sgd", "mse", ());
        Model::count_params;
        Model::evaluate => model().evaluate(x(), x());
        Model::fit => model().fit(x(), x(), any::<Fit>());
        Model::get_layer; Model::get_weights; Model::input; Model::input_shape; Model::inputs; Model::layers;
        Model::load_weights => model().load_weights("x");
        Model::metrics_names; Model::non_trainable_weights; Model::output; Model::output_shape; Model::outputs;
        Model::predict => model().predict(x());
        Model::predict_on_batch => model().predict_on_batch(x());
        Model::reset_metrics;
        Model::save => model().save("x");
        Model::save_weights => model().save_weights("x");
        Model::set_weights; Model::summary;
        Model::test_on_batch => model().test_on_batch(x(), x());
        Model::test_on_batch_with => model().test_on_batch_with(x(), x(), any());
        Model::to_json;
        Model::train_on_batch => model().train_on_batch(x(), x());
        Model::train_on_batch_with => model().train_on_batch_with(x(), x(), any());
        Model::trainable_weights; Model::weights;
        OnBatch::class_weight => any::<OnBatch>().class_weight([(0, 1.0)]);
        PlotModel::dpi; PlotModel::expand_nested; PlotModel::show_dtype; PlotModel::show_layer_activations;
        PlotModel::show_layer_names; PlotModel::show_shapes; PlotModel::show_trainable;
        PlotModel::rankdir => any::<PlotModel>().rankdir("TB");
        Predict::batch_size; Predict::steps;
        Predict::callback => any::<Predict>().callback(any::<callbacks::ProgbarLogger>());
        Predict::verbose => any::<Predict>().verbose(0);
        Sequential => any::<Sequential>();
        Sequential::add => any::<Sequential>().add(any::<AnyLayer>()).layers();
        Sequential::pop;
        StepCx::compute_loss => any::<StepCx>().compute_loss(&any(), &x());
        StepCx::update_metrics => any::<StepCx>().update_metrics(&x(), &any(), &x());
        Summary::expand_nested; Summary::line_length; Summary::show_trainable;
        Summary::layer_range => any::<Summary>().layer_range("a", "b");
        Summary::positions => any::<Summary>().positions([1.0]);
        Tensor::is_symbolic;
        callbacks::Callback => any::<Box<dyn callbacks::Callback>>();
        callbacks::ProgbarLogger => any::<callbacks::ProgbarLogger>();
        callbacks::BackupAndRestore => any::<callbacks::BackupAndRestore>();
        callbacks::CSVLogger => any::<callbacks::CSVLogger>();
        callbacks::EarlyStopping => any::<callbacks::EarlyStopping>();
        callbacks::LambdaCallback => any::<callbacks::LambdaCallback>();
        callbacks::LearningRateScheduler => any::<callbacks::LearningRateScheduler>();
        callbacks::ModelCheckpoint => any::<callbacks::ModelCheckpoint>();
        callbacks::ReduceLROnPlateau => any::<callbacks::ReduceLROnPlateau>();
        callbacks::SwapEMAWeights => any::<callbacks::SwapEMAWeights>();
        callbacks::TensorBoard => any::<callbacks::TensorBoard>();
        callbacks::TerminateOnNaN => any::<callbacks::TerminateOnNaN>();
        clone_model; layers::from_config; layers::registered_layers;
        layers::register_layer => layers::register_layer("x", |_: &mut ConfigReader| any());
        load_model => load_model("x");
        data::Sequence => any::<Box<dyn data::Sequence>>();
        RematScope::run => any::<RematScope>().run(|| ());
        utils::FeatureSpace => any::<utils::FeatureSpace>();
        utils::audio_dataset_from_directory => utils::audio_dataset_from_directory("x", any());
        utils::image_dataset_from_directory => utils::image_dataset_from_directory("x", any());
        utils::pad_sequences => utils::pad_sequences(&any::<rhyton::datasets::Sequences>(), any());
        utils::split_dataset => utils::split_dataset(x(), any());
        utils::text_dataset_from_directory => utils::text_dataset_from_directory("x", any());
        utils::timeseries_dataset_from_array => utils::timeseries_dataset_from_array(&x(), None, any());
        utils::clear_session; utils::model_to_dot;
        utils::normalize; utils::set_random_seed;
        utils::plot_model => utils::plot_model(&model(), "x", any());
        utils::to_categorical => utils::to_categorical(&x(), 1);
        viz::Image => any::<viz::Image>();
    }
    .into();
    for (section, names) in page() {
        for (name, here) in names {
            assert!(here == "no" || known.contains(&here), "{section}: {name} is said to be {here}");
        }
    }
}

#[test]
fn what_is_marked_as_absent_is_not_exported() {
    let facade = std::fs::read_to_string(repository().join("crates/rhyton/src/lib.rs")).expect("the facade");
    let words: BTreeSet<&str> = facade.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    for (section, names) in page() {
        let is_namespace =
            ["keras.models", "keras.callbacks", "keras.saving", "keras.utils"].contains(&section.as_str());
        for (name, here) in names {
            // Words of the language of comments say nothing.
            let exported =
                words.contains(name.as_str()) && name.contains(|c: char| c.is_uppercase() || c == '_');
            assert!(
                !is_namespace || here != "no" || !exported,
                "{section}.{name} is exported now; say so in docs/keras-names-models.md and in this file"
            );
        }
    }
}
