//! Names by Keras's rule: the class in snake case, with a number from the second one on.

use std::collections::HashMap;
use std::sync::Mutex;

static USED: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// A class name in Keras's snake case.
///
/// An underscore goes before a capital that begins a lower-case run and between a lower-case letter and a
/// capital; digits split nothing.
///
/// ```
/// use rhyton_nn::layers::snake_case;
/// assert_eq!(snake_case("Dense"), "dense");
/// assert_eq!(snake_case("Conv2DTranspose"), "conv2d_transpose");
/// assert_eq!(snake_case("RMSprop"), "rm_sprop");
/// assert_eq!(snake_case("PReLU"), "p_re_lu");
/// ```
pub fn snake_case(class: &str) -> String {
    let word: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    // First pass: `(.)([A-Z][a-z]+)` becomes `\1_\2`, matches not overlapping.
    let mut first: Vec<char> = Vec::new();
    let mut i = 0;
    while i < word.len() {
        let run = |at: usize| word[at..].iter().take_while(|c| c.is_ascii_lowercase()).count();
        let capital = word.get(i + 1).is_some_and(char::is_ascii_uppercase);
        let length = if capital { run(i + 2) } else { 0 };
        first.push(word[i]);
        if length > 0 {
            first.push('_');
            first.extend(&word[i + 1..i + 2 + length]);
            i += 2 + length;
        } else {
            i += 1;
        }
    }
    // Second pass: `([a-z])([A-Z])` becomes `\1_\2`; then all in lower case.
    let mut out = String::new();
    for (i, c) in first.iter().enumerate() {
        if i > 0 && first[i - 1].is_ascii_lowercase() && c.is_ascii_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The next free name for a class: `dense`, then `dense_1`, and so on through the process.
pub fn auto_name(class: &str) -> String {
    let name = snake_case(class);
    let mut used = USED.lock().unwrap_or_else(|e| e.into_inner());
    let count = used.get_or_insert_default().entry(name.clone()).or_default();
    *count += 1;
    match *count {
        1 => name,
        n => format!("{name}_{}", n - 1),
    }
}

/// Starts the numbers in automatic names anew: the next `Dense` is called `dense` again.
pub fn clear_session() {
    *USED.lock().unwrap_or_else(|e| e.into_inner()) = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_as_keras_has_it() {
        for (class, expected) in [
            ("Conv2D", "conv2d"),
            ("DepthwiseConv2D", "depthwise_conv2d"),
            ("ConvLSTM2D", "conv_lstm2d"),
            ("GRU", "gru"),
            ("LSTMCell", "lstm_cell"),
            ("SimpleRNN", "simple_rnn"),
            ("MaxPooling2D", "max_pooling2d"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
            ("ZeroPadding2D", "zero_padding2d"),
            ("UpSampling2D", "up_sampling2d"),
            ("BatchNormalization", "batch_normalization"),
            ("RMSNormalization", "rms_normalization"),
            ("MultiHeadAttention", "multi_head_attention"),
            ("LeakyReLU", "leaky_re_lu"),
            ("ReLU", "re_lu"),
            ("ELU", "elu"),
            ("InputLayer", "input_layer"),
            ("TFSMLayer", "tfsm_layer"),
            ("MyMLPBlock", "my_mlp_block"),
            ("AdamW", "adam_w"),
            ("SGD", "sgd"),
            ("KLDivergence", "kl_divergence"),
            ("MyM", "my_m"),
        ] {
            assert_eq!(snake_case(class), expected);
        }
    }

    #[test]
    fn names_are_numbered_from_the_second_on() {
        let names: Vec<String> = (0..3).map(|_| auto_name("OnlyThisTest")).collect();
        assert_eq!(names, ["only_this_test", "only_this_test_1", "only_this_test_2"]);
    }
}
