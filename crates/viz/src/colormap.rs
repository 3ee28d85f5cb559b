//! From brightness to colour.

use crate::choice::Choice;
use crate::color::Color;
use crate::viridis::VIRIDIS;
use rhyton_base::{Error, Result, did_you_mean};

/// How the brightness of a grayscale picture becomes colour. RGB pictures have their own colours.
///
/// The names are Matplotlib's: `"gray"`, `"gray_r"` (also `"binary"`) and `"viridis"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colormap {
    /// `"gray"`: 0 is black, 255 is white.
    #[default]
    Gray,
    /// `"gray_r"` or `"binary"`: 0 is white, 255 is black, as ink on paper.
    GrayR,
    /// `"viridis"`: from dark violet over green to yellow, equally bright steps.
    Viridis,
}

impl Colormap {
    /// The names that stand for a colour map.
    pub const NAMES: [&str; 4] = ["gray", "gray_r", "binary", "viridis"];

    /// The colour of a brightness.
    ///
    /// ```
    /// use rhyton_viz::{Color, Colormap};
    /// assert_eq!(Colormap::GrayR.color(0), Color::WHITE);
    /// assert_eq!(Colormap::Viridis.color(255), Color::rgb(253, 231, 37));
    /// ```
    pub fn color(self, brightness: u8) -> Color {
        match self {
            Colormap::Gray => Color::rgb(brightness, brightness, brightness),
            Colormap::GrayR => Colormap::Gray.color(255 - brightness),
            Colormap::Viridis => {
                let at = 6 * usize::from(brightness);
                let part = |k: usize| {
                    u8::from_str_radix(&VIRIDIS[at + 2 * k..at + 2 * k + 2], 16)
                        .expect("the table holds hexadecimal digits")
                };
                Color::rgb(part(0), part(1), part(2))
            }
        }
    }

    /// The colours of all 256 brightnesses.
    pub(crate) fn table(self) -> [Color; 256] {
        std::array::from_fn(|i| self.color(i as u8))
    }
}

impl Choice<Colormap> for Colormap {
    fn choose(self) -> Result<Colormap> {
        Ok(self)
    }
}

impl Choice<Colormap> for &str {
    fn choose(self) -> Result<Colormap> {
        match self {
            "gray" => Ok(Colormap::Gray),
            "gray_r" | "binary" => Ok(Colormap::GrayR),
            "viridis" => Ok(Colormap::Viridis),
            _ => Err(Error::name(format!("unknown cmap {self:?}{}", did_you_mean(self, &Colormap::NAMES)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_and_every_table_is_full() {
        assert_eq!(VIRIDIS.len(), 6 * 256);
        for name in Colormap::NAMES {
            let map: Colormap = name.choose().unwrap();
            assert_ne!(map.table()[0], map.table()[255], "{name}");
        }
        let e = Choice::<Colormap>::choose("viridid").unwrap_err().to_string();
        assert_eq!(e, "unknown cmap \"viridid\"; did you mean \"viridis\"?");
    }
}
