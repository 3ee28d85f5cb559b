//! Masks as Keras has them in graphs: results of operations, and arguments of the layers that take them.

use super::graph::Functional;
use rhyton_base::Result;
use rhyton_nn::layers::{AnyLayer, LayerCall};
use rhyton_tensor::{Attr, apply_symbolic};

/// The classes that Keras calls with an argument `mask`.
const TAKE_MASKS: [&str; 15] = [
    "BatchNormalization",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Functional",
    "GRU",
    "GlobalAveragePooling1D",
    "LSTM",
    "Lambda",
    "RNN",
    "Sequential",
    "SimpleRNN",
    "Softmax",
    "TimeDistributed",
];

/// The same graph with masks written out, where it has some that can be. They make the ways to the outputs longer, on
/// which the order of layers depends, and so the places of weights in files.
pub(super) fn with_masks(graph: &Functional) -> Option<Functional> {
    let makes = |l: &AnyLayer| matches!(l.class_name(), "Embedding" | "Masking");
    let takes = |l: &AnyLayer| TAKE_MASKS.contains(&l.class_name());
    let layers = graph.layers();
    if !(layers.iter().any(makes) && layers.iter().any(takes)) {
        return None;
    }
    let mut taken = false;
    let graph = written_out(graph, &mut taken).ok()?;
    taken.then_some(graph)
}

fn written_out(graph: &Functional, taken: &mut bool) -> Result<Functional> {
    let outputs = graph.with_nodes(graph.inputs(), |node, arguments| {
        let Some(call) = node.call.op.as_any().downcast_ref::<LayerCall>() else {
            return apply_symbolic(node.call.op.clone(), arguments);
        };
        let plain = &arguments[..call.plain(arguments.len())];
        let (mut call, mut all) = (call.clone(), arguments.to_vec());
        if let ([one], true) =
            (plain, call.masked.is_empty() && TAKE_MASKS.contains(&call.layer.class_name()))
            && let Some(mask) = one.mask()
        {
            let (args, mut kwargs) = call.arguments.take().unwrap_or((vec![Attr::Tensor(0)], Vec::new()));
            kwargs.retain(|(key, _)| key != "mask");
            kwargs.push(("mask".to_string(), Attr::Tensor(1)));
            call = LayerCall { masked: vec![0], arguments: Some((args, kwargs)), ..call };
            all.push(mask.clone());
            *taken = true;
        }
        let layer = call.layer.clone();
        let results = call.apply(&all)?;
        let makes = matches!(layer.class_name(), "Embedding" | "Masking");
        if !makes && plain.iter().all(|x| x.mask().is_none()) {
            return Ok(results);
        }
        let masks = layer.with_layer(|l| l.compute_masks(plain, &results))?;
        Ok(results.iter().zip(masks).map(|(y, mask)| y.with_mask(mask)).collect())
    })?;
    graph.with_outputs(outputs)
}
