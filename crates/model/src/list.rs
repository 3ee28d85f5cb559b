//! Lists of layers of different types: arrays where the types are alike, tuples where they are not.

use rhyton_nn::layers::AnyLayer;

/// Several layers: an array or vector of one type, or a tuple of different ones.
///
/// ```
/// use rhyton_model::Sequential;
/// use rhyton_nn::layers::{Dense, Dropout, Input};
/// let model = Sequential::from((Input::new([4]), Dense::new(8), Dropout::new(0.5), Dense::new(1)));
/// assert_eq!(model.layers().len(), 3);
/// let model = Sequential::from([Dense::new(8), Dense::new(1)]);
/// assert_eq!(model.layers().len(), 2);
/// ```
pub trait LayerList {
    /// The layers.
    fn into_layers(self) -> Vec<AnyLayer>;
}

impl<L: Into<AnyLayer>, const N: usize> LayerList for [L; N] {
    fn into_layers(self) -> Vec<AnyLayer> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<L: Into<AnyLayer>> LayerList for Vec<L> {
    fn into_layers(self) -> Vec<AnyLayer> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident)+;)*) => {$(
        impl<$($T: Into<AnyLayer>),+> LayerList for ($($T,)+) {
            fn into_layers(self) -> Vec<AnyLayer> {
                #[allow(non_snake_case)] // The names of the types serve for the places too.
                let ($($T,)+) = self;
                vec![$($T.into()),+]
            }
        }
    )*};
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
