//! Arguments that may be given by name or as the thing itself.

use rhyton_base::Result;

/// Something from which a `T` can be had: a `T` itself, or its name.
///
/// ```
/// use rhyton_viz::{Choice, Color, Colormap};
/// assert_eq!(Choice::<Color>::choose("red")?, Color::RED);
/// assert_eq!(Color::RED.choose()?, Color::RED);
/// assert_eq!(Choice::<Colormap>::choose("binary")?, Colormap::GrayR);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait Choice<T> {
    /// The thing chosen, or an error that lists the known names.
    fn choose(self) -> Result<T>;
}
