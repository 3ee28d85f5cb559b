//! The text over one picture of a grid.

use crate::choice::Choice;
use crate::color::Color;
use rhyton_base::Result;

/// The text over one picture of an [`ImageGrid`](crate::ImageGrid), and its colour (black unless changed).
///
/// A plain string is a title too, so this is only needed for colour:
///
/// ```
/// use rhyton_viz::Title;
/// let (predicted, truth, probability) = (9, 4, 0.6120);
/// let title = Title::new(format!("{predicted} ({:.2}%)", 100.0 * probability));
/// let title = if predicted == truth { title } else { title.color("red") };
/// ```
#[derive(Clone, Debug)]
pub struct Title {
    pub(crate) text: String,
    pub(crate) color: Result<Color>,
}

impl Title {
    /// A title in black. Line breaks stay; long lines are broken between words.
    pub fn new(text: impl Into<String>) -> Title {
        Title { text: text.into(), color: Ok(Color::BLACK) }
    }

    /// The same title in another colour, such as `"red"` for a wrong prediction. An unknown name is reported when the
    /// grid is drawn.
    #[must_use]
    pub fn color(mut self, color: impl Choice<Color>) -> Title {
        self.color = color.choose();
        self
    }
}

impl From<&str> for Title {
    fn from(text: &str) -> Title {
        Title::new(text)
    }
}

impl From<String> for Title {
    fn from(text: String) -> Title {
        Title::new(text)
    }
}
