//! Layers that are fields of other layers.

use super::any::AnyLayer;
use super::naming::snake_case;
use std::collections::HashMap;

/// A field that [`sublayers!`](crate::sublayers) may name: a layer, a model, or several of them.
///
/// Layers in a list are called `blocks/dense`, `blocks/dense_1`: by their classes, numbered from the second on, as in
/// Keras's files.
pub trait LayerField {
    /// The layers in a field of this name.
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)>;
}

impl LayerField for AnyLayer {
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)> {
        vec![(name.to_string(), self.clone())]
    }
}

impl<F: LayerField> LayerField for Option<F> {
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)> {
        self.iter().flat_map(|f| f.named_layers(name)).collect()
    }
}

impl<F: LayerField> LayerField for [F] {
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let layers = self.iter().flat_map(|f| f.named_layers(name)).map(|(_, layer)| layer);
        layers
            .map(|layer| {
                let class = snake_case(layer.class_name());
                let count = counts.entry(class.clone()).or_default();
                *count += 1;
                let number = if *count == 1 { String::new() } else { format!("_{}", *count - 1) };
                (format!("{name}/{class}{number}"), layer)
            })
            .collect()
    }
}

impl<F: LayerField> LayerField for Vec<F> {
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)> {
        self.as_slice().named_layers(name)
    }
}

impl<F: LayerField, const N: usize> LayerField for [F; N] {
    fn named_layers(&self, name: &str) -> Vec<(String, AnyLayer)> {
        self.as_slice().named_layers(name)
    }
}
