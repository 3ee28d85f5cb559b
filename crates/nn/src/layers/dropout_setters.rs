//! The setters of layers that drop a part of what passes through them.

/// `dropout` and `seed` of a layer with a core; the text says what training drops a fraction of.
macro_rules! dropout_setters {
    ($Layer:ident: $what:literal) => {
        impl $Layer {
            #[doc = concat!("The fraction of ", $what, "; 0 by default.")]
            #[must_use]
            pub fn dropout(mut self, rate: f64) -> $Layer {
                self.core.dropout = rate;
                self
            }

            /// Makes what is dropped repeatable on its own.
            #[must_use]
            pub fn seed(mut self, seed: i64) -> $Layer {
                self.core.seed = Some(seed);
                self
            }
        }
    };
}
pub(super) use dropout_setters;
