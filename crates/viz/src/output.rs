//! From a scene to a file: the form by the file's ending, written beside and renamed.

use crate::raster;
use crate::scene::Scene;
use crate::svg;
use rhyton_base::{Context, Error, Result};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// Pixels for each unit of a scene, unless asked otherwise: sharp on screens of high density and in print.
pub(crate) const SCALE: f32 = 2.0;

/// Gives a figure type `save`, `to_png`, `to_svg` and `scale`. It must have a field `scale: f32` and a method
/// `scene(&self) -> Result<Scene>`.
macro_rules! figure_methods {
    ($figure:ty, $name:literal) => {
        impl $figure {
            /// Draws it into a file, whose ending says how: `.png` or `.svg`. The file is written beside and renamed,
            /// so that it is never half there.
            ///
            /// Errors: an ending other than these, a folder that cannot be written to, nothing to draw, and mistakes
            /// in what was added before.
            pub fn save(&self, path: impl AsRef<std::path::Path>) -> rhyton_base::Result<()> {
                use rhyton_base::Context;
                let draw = || crate::output::save(path.as_ref(), || self.scene(), self.scale);
                draw().at(|| concat!($name, "::save"))
            }

            /// It as the bytes of a PNG file.
            pub fn to_png(&self) -> rhyton_base::Result<Vec<u8>> {
                use rhyton_base::Context;
                let draw = || crate::raster::render(&self.scene()?, crate::output::check_scale(self.scale)?);
                draw().at(|| concat!($name, "::to_png"))
            }

            /// It as the text of an SVG file. Letters stay text, so a viewer without DejaVu Sans or Verdana shows them
            /// in another font.
            pub fn to_svg(&self) -> rhyton_base::Result<String> {
                use rhyton_base::Context;
                let draw = || crate::svg::render(&self.scene()?);
                draw().at(|| concat!($name, "::to_svg"))
            }

            /// Pixels of a PNG for each unit of its size: 2 unless changed, from 0.5 to 8. SVG has no pixels and
            /// is the same for every scale.
            #[must_use]
            pub fn scale(mut self, scale: f32) -> Self {
                self.scale = scale;
                self
            }
        }
    };
}
pub(crate) use figure_methods;

/// The scale, or an error where no picture can be drawn with it.
pub(crate) fn check_scale(scale: f32) -> Result<f32> {
    match (0.5..=8.0).contains(&scale) {
        true => Ok(scale),
        false => Err(Error::value(format!("expected a scale from 0.5 to 8, got {scale}"))),
    }
}

/// Draws a scene into a file of the form its ending names.
pub(crate) fn save(path: &Path, scene: impl FnOnce() -> Result<Scene>, scale: f32) -> Result<()> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("png") => raster::render(&scene()?, check_scale(scale)?)?,
        Some("svg") => svg::render(&scene()?)?.into_bytes(),
        Some(other) => {
            let fact = format!("unknown ending \".{other}\" of {}; use .png or .svg", path.display());
            return Err(Error::name(fact));
        }
        None => {
            let fact =
                format!("{} has no ending that names a picture format; use .png or .svg", path.display());
            return Err(Error::name(fact));
        }
    };
    write(path, &bytes).at(|| format!("cannot write {}", path.display()))
}

/// Writes beside and renames; leaves nothing behind where that fails.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Error::io(format!("there is no folder {folder}; create it first")));
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{count}.tmp", std::process::id()));
    let beside = folder.join(name);
    let done = fs::File::options()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&beside);
    }
    Ok(done?)
}
