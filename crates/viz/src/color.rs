//! Colours.

use crate::choice::Choice;
use rhyton_base::{Error, Result, did_you_mean};
use std::fmt;

/// A colour: red, green and blue from 0 to 255, and how opaque it is.
///
/// Everything that takes a colour takes its name too: one of [`Color::NAMES`], or `"#rrggbb"`.
///
/// ```
/// use rhyton_viz::{Choice, Color};
/// let teal: Color = "#008080".choose()?;
/// assert_eq!(teal, Color::rgb(0, 128, 128));
/// let e = Choice::<Color>::choose("reed").unwrap_err();
/// assert_eq!(e.to_string(), "unknown color \"reed\"; did you mean \"red\"?");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color {
    pub(crate) r: u8,
    pub(crate) g: u8,
    pub(crate) b: u8,
    pub(crate) a: u8,
}

const NAMED: [(&str, Color); 12] = [
    ("black", Color::BLACK),
    ("white", Color::WHITE),
    ("gray", Color::rgb(128, 128, 128)),
    ("red", Color::RED),
    ("green", Color::rgb(44, 160, 44)),
    ("blue", Color::BLUE),
    ("orange", Color::rgb(255, 127, 14)),
    ("purple", Color::rgb(148, 103, 189)),
    ("brown", Color::rgb(140, 86, 75)),
    ("pink", Color::rgb(227, 119, 194)),
    ("olive", Color::rgb(188, 189, 34)),
    ("cyan", Color::rgb(23, 190, 207)),
];

/// The order in which series take their colours: Matplotlib's ten "tab" colours.
const CYCLE: [&str; 10] =
    ["blue", "orange", "green", "red", "purple", "brown", "pink", "gray", "olive", "cyan"];

impl Color {
    /// Black, the colour of text.
    pub const BLACK: Color = Color::rgb(0, 0, 0);
    /// White, the colour of paper.
    pub const WHITE: Color = Color::rgb(255, 255, 255);
    /// The red that marks a wrong prediction.
    pub const RED: Color = Color::rgb(214, 39, 40);
    /// The blue of a first series.
    pub const BLUE: Color = Color::rgb(31, 119, 180);

    /// The names that stand for a colour.
    pub const NAMES: [&str; 12] = {
        let mut names = [""; 12];
        let mut i = 0;
        while i < names.len() {
            names[i] = NAMED[i].0;
            i += 1;
        }
        names
    };

    /// The opaque colour of these parts, each from 0 to 255.
    pub const fn rgb(r: u8, g: u8, b: u8) -> Color {
        Color { r, g, b, a: 255 }
    }

    /// The same colour, seen through: 0 is invisible, 255 opaque.
    #[must_use]
    pub const fn with_alpha(self, alpha: u8) -> Color {
        Color { a: alpha, ..self }
    }

    /// The colour nearly faded into the paper.
    pub(crate) fn paler(self) -> Color {
        let fade = |v: u8| (255.0 - (255.0 - f32::from(v)) * 0.3) as u8;
        Color { r: fade(self.r), g: fade(self.g), b: fade(self.b), a: self.a }
    }

    /// Red, green and blue.
    pub(crate) fn rgb_bytes(self) -> [u8; 3] {
        [self.r, self.g, self.b]
    }

    /// The colour of the `n`-th series, starting over after ten.
    ///
    /// ```
    /// use rhyton_viz::Color;
    /// assert_eq!(Color::series(0), Color::BLUE);
    /// assert_eq!(Color::series(13), Color::RED);
    /// ```
    pub fn series(n: usize) -> Color {
        named(CYCLE[n % CYCLE.len()]).expect("the cycle holds known names")
    }
}

fn named(name: &str) -> Option<Color> {
    NAMED.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)
}

/// The colour of six hexadecimal digits after a `#`.
fn hexadecimal(text: &str) -> Option<Color> {
    let digits =
        text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color::rgb(r, g, b))
}

impl Choice<Color> for Color {
    fn choose(self) -> Result<Color> {
        Ok(self)
    }
}

impl Choice<Color> for &str {
    fn choose(self) -> Result<Color> {
        named(self).or_else(|| hexadecimal(self)).ok_or_else(|| {
            Error::name(match self.starts_with('#') {
                true => format!("unknown color {self:?}; write a hexadecimal color as \"#rrggbb\""),
                false => format!("unknown color {self:?}{}", did_you_mean(self, &Color::NAMES)),
            })
        })
    }
}

/// `#rrggbb`, without the opacity.
impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

/// `#rrggbb`, and `#rrggbbaa` where it is not opaque.
impl fmt::Debug for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.a {
            255 => write!(f, "{self}"),
            a => write!(f, "{self}{a:02x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_digits() {
        for name in Color::NAMES {
            let color: Color = name.choose().unwrap();
            assert_eq!(Choice::<Color>::choose(color.to_string().as_str()).unwrap(), color, "{name}");
        }
        for wrong in ["#12345", "#12345g", "#+12345", "#ééé"] {
            let e = Choice::<Color>::choose(wrong).unwrap_err().to_string();
            assert!(e.ends_with("write a hexadecimal color as \"#rrggbb\""), "{e}");
        }
    }
}
