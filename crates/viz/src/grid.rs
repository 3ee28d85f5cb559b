//! Pictures in rows and columns, each with a title.

use crate::choice::Choice;
use crate::color::Color;
use crate::colormap::Colormap;
use crate::font;
use crate::image::Image;
use crate::output::{SCALE, figure_methods};
use crate::scene::{Area, Mark, Scene};
use crate::title::Title;
use rhyton_base::{Error, Result};

/// Pictures in rows and columns, each with a title over it, under one heading.
///
/// Pictures fill the grid row by row. They are enlarged without blur, all to fit one cell, whose size follows from
/// the largest picture unless [`cell`](ImageGrid::cell) sets it.
///
/// ```
/// use rhyton_viz::{Image, ImageGrid, Title};
/// let dark = Image::gray(28, 28, &[30; 28 * 28])?;
/// let light = Image::gray(28, 28, &[220; 28 * 28])?;
/// let grid = ImageGrid::new(5)
///     .title("Ten digits of the test set")
///     .cmap("binary")
///     .image(dark, "7 (99.99%)")
///     .image(light, Title::new("2 (51.30%)").color("red"));
/// assert!(grid.to_svg()?.contains("7 (99.99%)"));
/// let path = std::env::temp_dir().join("rhyton-digits.png");
/// grid.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageGrid {
    columns: usize,
    title: String,
    cmap: Result<Colormap>,
    cell: Option<usize>,
    cells: Vec<(Image, Title)>,
    pub(crate) scale: f32,
}

figure_methods!(ImageGrid, "ImageGrid");

/// The longest side that a cell gets where the pictures do not ask for more or less.
const USUAL_CELL: usize = 112;
/// The longest side of a cell, for pictures of any size.
const LARGEST_CELL: usize = 360;
const HEADING: f32 = 15.0;
const TITLE: f32 = 12.0;
const MARGIN: f32 = 16.0;
const GAP: f32 = 14.0;
/// From the last line of a title to its picture.
const BELOW_TITLE: f32 = 3.0;
const BELOW_HEADING: f32 = 10.0;
const FRAME: Color = Color::rgb(150, 150, 150);

impl ImageGrid {
    /// An empty grid of so many columns; rows are added as pictures come.
    pub fn new(columns: usize) -> ImageGrid {
        ImageGrid {
            columns,
            title: String::new(),
            cmap: Ok(Colormap::Gray),
            cell: None,
            cells: Vec::new(),
            scale: SCALE,
        }
    }

    /// The heading over the whole figure.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> ImageGrid {
        self.title = title.into();
        self
    }

    /// How grayscale pictures become colour: `"gray"` (the default), `"gray_r"` or `"binary"`, `"viridis"`.
    #[must_use]
    pub fn cmap(mut self, cmap: impl Choice<Colormap>) -> ImageGrid {
        self.cmap = cmap.choose();
        self
    }

    /// The length of a cell's longer side, in pixels at scale 1. Unless set it is about 112, so that a 28 by 28
    /// digit is drawn four times as large (eight times in a PNG of scale 2), and at most 360 for large pictures.
    #[must_use]
    pub fn cell(mut self, side: usize) -> ImageGrid {
        self.cell = Some(side);
        self
    }

    /// Adds a picture with its title, which may be empty.
    #[must_use]
    pub fn image(mut self, image: Image, title: impl Into<Title>) -> ImageGrid {
        self.cells.push((image, title.into()));
        self
    }

    /// Adds pictures with their titles.
    ///
    /// ```
    /// use rhyton_viz::{Image, ImageGrid};
    /// let images = (0..4).map(|i| Ok((Image::values(2, 2, &[0.0, 1.0, 2.0, i as f32])?, format!("filter {i}"))));
    /// let grid = ImageGrid::new(2).cmap("viridis").images(images.collect::<rhyton_base::Result<Vec<_>>>()?);
    /// assert!(grid.to_svg()?.contains("filter 3"));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn images<T: Into<Title>>(self, images: impl IntoIterator<Item = (Image, T)>) -> ImageGrid {
        images.into_iter().fold(self, |grid, (image, title)| grid.image(image, title))
    }

    /// Height and width of a cell.
    fn cell_size(&self) -> (f32, f32) {
        let h = self.cells.iter().map(|(i, _)| i.height()).max().unwrap_or(1);
        let w = self.cells.iter().map(|(i, _)| i.width()).max().unwrap_or(1);
        let longest = h.max(w);
        // Half a unit is a pixel at the usual scale, so multiples of it enlarge every pixel alike.
        let zoom = match self.cell {
            Some(side) => side as f32 / longest as f32,
            None => {
                let halves = (2 * USUAL_CELL).div_ceil(longest).max(1);
                (halves as f32 / 2.0).min(LARGEST_CELL as f32 / longest as f32)
            }
        };
        ((h as f32 * zoom).ceil(), (w as f32 * zoom).ceil())
    }

    fn scene(&self) -> Result<Scene> {
        if self.columns == 0 {
            return Err(Error::value("expected at least 1 column, got 0"));
        }
        if self.cells.is_empty() {
            return Err(Error::state("there are no images; add some with image(...)"));
        }
        if self.cell.is_some_and(|side| !(8..=2000).contains(&side)) {
            let got = self.cell.unwrap_or(0);
            return Err(Error::value(format!("expected a cell of 8 to 2000 pixels, got {got}")));
        }
        let cmap = self.cmap.clone()?;
        let (cell_h, cell_w) = self.cell_size();
        let limit = (cell_w * 1.5).max(USUAL_CELL as f32);
        let titles: Vec<_> = self.cells.iter().map(|(_, t)| font::wrap(&t.text, TITLE, limit)).collect();
        let column = titles.iter().map(|t| font::widest(t, TITLE)).fold(cell_w, f32::max).ceil();
        let columns = self.columns.min(self.cells.len());
        let body = columns as f32 * (column + GAP) - GAP;
        let heading = font::wrap(&self.title, HEADING, body.max(240.0));
        let width = body.max(font::widest(&heading, HEADING).ceil());
        let left = MARGIN + ((width - body) / 2.0).round();
        let title_heights: Vec<f32> = titles
            .chunks(columns)
            .map(|row| font::height(row.iter().map(Vec::len).max().unwrap_or(0), TITLE).ceil())
            .collect();
        let mut top = MARGIN;
        if !heading.is_empty() {
            top += (font::height(heading.len(), HEADING) + BELOW_HEADING).round();
        }
        let rows: f32 = title_heights.iter().map(|h| h + BELOW_TITLE + cell_h + GAP).sum();
        let mut scene = Scene::new(width + 2.0 * MARGIN, top + rows - GAP + MARGIN);
        scene.lines(MARGIN + width / 2.0, MARGIN, &heading, HEADING, Color::BLACK);
        for (i, ((image, title), lines)) in self.cells.iter().zip(&titles).enumerate() {
            let (row, across) = (i / columns, i % columns);
            if across == 0 && row > 0 {
                top += title_heights[row - 1] + BELOW_TITLE + cell_h + GAP;
            }
            let middle = left + across as f32 * (column + GAP) + column / 2.0;
            let room = title_heights[row];
            let above = top + room - font::height(lines.len(), TITLE);
            scene.lines(middle, above, lines, TITLE, title.color.clone()?);
            let cell = Area { x: middle - cell_w / 2.0, y: top + room + BELOW_TITLE, w: cell_w, h: cell_h };
            let area = fit(image, cell);
            scene.marks.push(Mark::Picture { area, image: image.clone(), cmap });
            let around = Area { x: area.x - 0.25, y: area.y - 0.25, w: area.w + 0.5, h: area.h + 0.5 };
            scene.frame(around, 0.5, FRAME);
        }
        Ok(scene)
    }
}

/// The largest area inside a cell with the picture's proportions, right below its title, at whole units.
fn fit(image: &Image, cell: Area) -> Area {
    let (h, w) = (image.height() as f32, image.width() as f32);
    let most = (cell.h / h).min(cell.w / w);
    let zoom = if most >= 0.5 { (most * 2.0).floor() / 2.0 } else { most };
    let (w, h) = ((w * zoom).max(0.5), (h * zoom).max(0.5));
    Area { x: (cell.x + (cell.w - w) / 2.0).round(), y: cell.y.round(), w, h }
}
