//! The models that `golden/saved_models.py` had Keras save, with what they compute there.

use super::tensor;
use rhyton_io::Npz;
use rhyton_model::Data;
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A file beside the scripts of this crate.
pub fn own_golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

pub struct Saved {
    arrays: HashMap<String, Tensor>,
    pub facts: serde_json::Map<String, Value>,
}

impl Saved {
    pub fn new() -> Saved {
        let all = Npz::open(own_golden("saved_models.npz")).unwrap().read_all().unwrap();
        let arrays = all.into_iter().map(|(name, a)| (name, tensor(&a))).collect();
        let text = std::fs::read_to_string(own_golden("saved_models.json")).unwrap();
        let Value::Object(facts) = serde_json::from_str(&text).unwrap() else { panic!() };
        Saved { arrays, facts }
    }

    fn get(&self, name: &str, what: &str) -> &Tensor {
        self.arrays.get(&format!("{name}/{what}")).unwrap_or_else(|| panic!("no {name}/{what}"))
    }

    pub fn numbers(&self, name: &str, what: &str) -> Vec<f64> {
        self.get(name, what).to_f64s().unwrap()
    }

    /// The arrays of a kind, in order: `"tx"` of all `"inputs"`.
    pub fn tensors(&self, name: &str, kind: &str, ends: &str) -> Vec<Tensor> {
        let count = self.facts[name][ends].as_u64().unwrap() as usize;
        (0..count).map(|i| self.get(name, &format!("{kind}{i}")).clone()).collect()
    }

    /// The names of inputs or outputs, where a model takes or gives them by name.
    pub fn names(&self, name: &str, ends: &str) -> Option<Vec<String>> {
        let key = if ends == "inputs" { "input_names" } else { "output_names" };
        let names = self.facts[name][key].as_array()?;
        Some(names.iter().map(|n| n.as_str().unwrap().to_string()).collect())
    }

    /// The arrays of a kind, by name or in a list as the model takes them; those of one step of several.
    pub fn data(&self, name: &str, kind: &str, ends: &str, step: Option<usize>) -> Data {
        let one = |x: Tensor| match step {
            Some(s) => ops::squeeze(&ops::narrow(&x, 0, s, s + 1).unwrap(), 0).unwrap(),
            None => x,
        };
        let tensors: Vec<Tensor> = self.tensors(name, kind, ends).into_iter().map(one).collect();
        match self.names(name, ends) {
            Some(names) => names.into_iter().zip(tensors).collect(),
            None => Data::from(tensors),
        }
    }

    /// The file that Keras wrote, in a folder.
    pub fn file(&self, name: &str, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{name}.keras"));
        std::fs::write(&path, self.get(name, "file").to_vec::<u8>().unwrap()).unwrap();
        path
    }
}
