//! Tables in CSV files.

use crate::dataset::{Cardinality, Dataset, Element, Elements, Generated};
use csv::{ByteRecord, Reader, ReaderBuilder};
use rhyton_base::{Context, DType, Error, Result, did_you_mean};
use rhyton_tensor::{Tensor, ops};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// CSV files as a dataset, read row by row: how they are written, which columns count, and as what.
///
/// | option | default |
/// |---|---|
/// | `header` | true: the first row of each file has the names |
/// | `column_names` | those of the header, else `column_1`, … |
/// | `select_columns` | all of them |
/// | `label_name` | none: the column that becomes the target |
/// | `column_type` | `float32`; `int64` where there is a vocabulary |
/// | `default` | none: a cell without a value is an error |
/// | `vocabulary` | none: cells are numbers; with one, they are its words and become their places in it |
/// | `delimiter`, `na_value` | a comma, nothing between two of them |
/// | `check_numerics` | false: NaN and infinities are taken |
///
/// A cell that is no number, a row with more or fewer cells than columns, or a word that is not known, is an error in
/// the place of the row, which names file, row, line and column.
///
/// ```
/// use rhyton_data::Csv;
/// use rhyton_tensor::DType;
/// let path = std::env::temp_dir().join(format!("rhyton-csv-{}.csv", std::process::id()));
/// std::fs::write(&path, "age,city,income\n31,Rome,2.5\n,Oslo,3\nold,Rome,1\n")?;
/// let rows = Csv::new(&path)
///     .label_name("income")
///     .default("age", 40.0)
///     .vocabulary("city", ["Rome", "Oslo"])
///     .dataset()?;
/// let rows: Vec<_> = rows.iter().collect();
/// assert_eq!(rows[1].as_ref().unwrap()[0].to_vec::<f32>()?, [40.0, 1.0]);
/// assert_eq!(rows[1].as_ref().unwrap()[1].item::<f32>()?, 3.0);
/// let told = rows[2].as_ref().unwrap_err().to_string();
/// assert!(told.ends_with("row 3 (line 4), column 1 (\"age\"): expected a number, got \"old\""), "{told}");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `tf.data.experimental.make_csv_dataset`.
#[derive(Clone, Debug)]
pub struct Csv {
    paths: Vec<PathBuf>,
    header: bool,
    column_names: Option<Vec<String>>,
    select_columns: Option<Vec<String>>,
    label_name: Option<String>,
    types: HashMap<String, DType>,
    defaults: HashMap<String, f64>,
    default_for_all: Option<f64>,
    vocabularies: HashMap<String, Vec<String>>,
    delimiter: u8,
    na_value: String,
    check_numerics: bool,
}

impl Csv {
    /// One file.
    pub fn new(path: impl Into<PathBuf>) -> Csv {
        Csv::of_files([path])
    }

    /// Several files with the same columns, one after the other.
    pub fn of_files<P: Into<PathBuf>>(paths: impl IntoIterator<Item = P>) -> Csv {
        Csv {
            paths: paths.into_iter().map(Into::into).collect(),
            header: true,
            column_names: None,
            select_columns: None,
            label_name: None,
            types: HashMap::new(),
            defaults: HashMap::new(),
            default_for_all: None,
            vocabularies: HashMap::new(),
            delimiter: b',',
            na_value: String::new(),
            check_numerics: false,
        }
    }

    /// Whether the first row of each file has the names of the columns.
    #[must_use]
    pub fn header(self, header: bool) -> Csv {
        Csv { header, ..self }
    }

    /// The names of all columns, in the place of those of the header.
    #[must_use]
    pub fn column_names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Csv {
        Csv { column_names: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// The columns that count, in this order.
    #[must_use]
    pub fn select_columns<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Csv {
        Csv { select_columns: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// The column that is the target.
    #[must_use]
    pub fn label_name(self, name: impl Into<String>) -> Csv {
        Csv { label_name: Some(name.into()), ..self }
    }

    /// The element type of a column.
    #[must_use]
    pub fn column_type(mut self, name: impl Into<String>, dtype: DType) -> Csv {
        self.types.insert(name.into(), dtype);
        self
    }

    /// What stands for a missing value of a column.
    #[must_use]
    pub fn default(mut self, name: impl Into<String>, value: f64) -> Csv {
        self.defaults.insert(name.into(), value);
        self
    }

    /// What stands for missing values of columns that have nothing else, such as `f64::NAN`.
    #[must_use]
    pub fn default_for_all(self, value: f64) -> Csv {
        Csv { default_for_all: Some(value), ..self }
    }

    /// The words of a column; they become their places in this list.
    #[must_use]
    pub fn vocabulary<S: Into<String>>(
        mut self,
        name: impl Into<String>,
        words: impl IntoIterator<Item = S>,
    ) -> Csv {
        self.vocabularies.insert(name.into(), words.into_iter().map(Into::into).collect());
        self
    }

    /// The byte between cells.
    #[must_use]
    pub fn delimiter(self, delimiter: u8) -> Csv {
        Csv { delimiter, ..self }
    }

    /// What is written for a missing value, beside nothing at all.
    #[must_use]
    pub fn na_value(self, na_value: impl Into<String>) -> Csv {
        Csv { na_value: na_value.into(), ..self }
    }

    /// Whether NaN and infinities are errors.
    #[must_use]
    pub fn check_numerics(self, check: bool) -> Csv {
        Csv { check_numerics: check, ..self }
    }

    /// Rows as a `float32` vector of all columns but the target, and the target as a scalar where there is one.
    ///
    /// # Errors
    /// Where a file cannot be opened, or a column is not there.
    pub fn dataset(&self) -> Result<Dataset> {
        self.rows(|columns, cells| {
            let (mut features, mut label) = (Vec::with_capacity(cells.len()), None);
            for (column, &cell) in columns.iter().zip(cells) {
                match column.is_label {
                    true => label = Some(ops::cast(&Tensor::from(cell), column.dtype)?),
                    false => features.push(cell as f32),
                }
            }
            Ok(std::iter::once(Tensor::from(features)).chain(label).collect())
        })
    }

    /// Rows as a scalar for each column, of its own type and with its name (see [`Named`](crate::Named)); the target comes last,
    /// without one.
    ///
    /// # Errors
    /// As [`Csv::dataset`].
    ///
    /// ```
    /// use rhyton_data::Csv;
    /// use rhyton_tensor::DType;
    /// let path = std::env::temp_dir().join(format!("rhyton-csv-columns-{}.csv", std::process::id()));
    /// std::fs::write(&path, "1;2.5\n3;4.5\n")?;
    /// let csv = Csv::new(&path).header(false).delimiter(b';').column_type("column_1", DType::I64);
    /// let spec = csv.columns()?.batch(2).element_spec()?;
    /// assert_eq!((spec[0].to_string().as_str(), spec[1].dtype), ("int64(2,)", DType::F32));
    /// assert_eq!(csv.columns()?.names()?, ["column_1", "column_2"]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn columns(&self) -> Result<Dataset> {
        let rows = self.rows(|columns, cells| {
            let scalar = |(c, &cell): (&Column, &f64)| ops::cast(&Tensor::from(cell), c.dtype);
            columns.iter().zip(cells).map(scalar).collect()
        })?;
        let columns = self.paths.first().map(|path| self.open(path)).transpose()?.map(|t| t.columns);
        let names = columns.unwrap_or_default().into_iter().filter(|c| !c.is_label).map(|c| c.name);
        rows.named(names).at(|| "Csv")
    }

    fn rows(
        &self,
        element: impl Fn(&[Column], &[f64]) -> Result<Element> + Send + Sync + 'static,
    ) -> Result<Dataset> {
        let csv = Arc::new(self.clone());
        let first = csv.paths.first().ok_or_else(|| Error::value("expected at least one file").at("Csv"))?;
        // Tells what is wrong with options before anything is read.
        csv.open(first).at(|| "Csv")?;
        let element = Arc::new(element);
        let f = move || {
            let (csv, element) = (csv.clone(), element.clone());
            let mut paths = csv.paths.clone().into_iter();
            let mut table: Option<Table> = None;
            Ok(Elements::new(std::iter::from_fn(move || {
                loop {
                    let Some(open) = &mut table else {
                        let path = paths.next()?;
                        match csv.open(&path) {
                            Ok(opened) => table = Some(opened),
                            Err(e) => return Some(Err(e.at("Csv"))),
                        }
                        continue;
                    };
                    match open.next_row(&csv) {
                        Ok(true) => return Some(element(&open.columns, &open.cells)),
                        Ok(false) => table = None,
                        Err(e) => {
                            // Nothing follows what cannot be read.
                            if open.ended {
                                table = None;
                            }
                            return Some(Err(e.at("Csv")));
                        }
                    }
                }
            })))
        };
        Ok(Dataset::new(Generated { f: Box::new(f), cardinality: Cardinality::Unknown }))
    }

    fn open(&self, path: &Path) -> Result<Table> {
        let who = format!("{:?}", path.display().to_string());
        let file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Error::io("no such file; check the path"),
            _ => Error::from(e),
        });
        let file = file.at(|| who.clone())?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(file);
        let mut record = ByteRecord::new();
        let there = |r: csv::Result<bool>| r.map_err(|e| Error::format(e.to_string())).at(|| who.clone());
        let names = match self.header {
            true => {
                if !there(reader.read_byte_record(&mut record))? {
                    return Err(Error::format("the file is empty; expected a row of names").at(who));
                }
                Some(record.iter().map(|c| String::from_utf8_lossy(c).trim().to_string()).collect::<Vec<_>>())
            }
            false => None,
        };
        let mut waiting = false;
        let names = match (&self.column_names, names) {
            (Some(given), Some(header)) if given.len() != header.len() => {
                let message = format!("column_names has {} names, the header {}", given.len(), header.len());
                return Err(Error::value(message).at(who));
            }
            (Some(given), _) => given.clone(),
            (None, Some(header)) => header,
            // The first row says how many there are.
            (None, None) => {
                waiting = there(reader.read_byte_record(&mut record))?;
                (1..=record.len()).map(|i| format!("column_{i}")).collect()
            }
        };
        let columns = self.chosen(&names).at(|| who.clone())?;
        Ok(Table {
            reader,
            record,
            waiting,
            ended: false,
            row: 0,
            path: path.to_path_buf(),
            who,
            counted: (0, 1),
            count: names.len(),
            columns,
            cells: Vec::new(),
        })
    }

    /// The columns that count, the target last.
    fn chosen(&self, names: &[String]) -> Result<Vec<Column>> {
        let find = |name: &String| {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            names.iter().position(|n| n == name).ok_or_else(|| {
                Error::name(format!("there is no column {name:?}{}", did_you_mean(name, &known)))
            })
        };
        let told = self.types.keys().chain(self.defaults.keys()).chain(self.vocabularies.keys());
        told.chain(&self.label_name).try_for_each(|name| find(name).map(|_| ()))?;
        let chosen = self.select_columns.as_deref().unwrap_or(names);
        let all = chosen.iter().filter(|n| Some(*n) != self.label_name.as_ref()).chain(&self.label_name);
        all.map(|name| {
            let vocabulary = self.vocabularies.get(name);
            let words = vocabulary.map(|v| v.iter().enumerate().map(|(i, w)| (w.clone(), i)).collect());
            let otherwise = if vocabulary.is_some() { DType::I64 } else { DType::F32 };
            Ok(Column {
                at: find(name)?,
                name: name.clone(),
                dtype: self.types.get(name).copied().unwrap_or(otherwise),
                default: self.defaults.get(name).copied().or(self.default_for_all),
                words,
                is_label: Some(name) == self.label_name.as_ref(),
            })
        })
        .collect()
    }
}

struct Column {
    at: usize,
    name: String,
    dtype: DType,
    default: Option<f64>,
    words: Option<HashMap<String, usize>>,
    is_label: bool,
}

impl Column {
    fn number(&self, cell: &[u8], csv: &Csv) -> Result<f64> {
        let Ok(text) = std::str::from_utf8(cell) else {
            return Err(Error::format(format!("not UTF-8: {:?}", String::from_utf8_lossy(cell))));
        };
        let text = text.trim();
        if text.is_empty() || (!csv.na_value.is_empty() && text == csv.na_value) {
            return self.default.ok_or_else(|| {
                Error::value("there is no value; give the column a default, or take the row out")
            });
        }
        if let Some(words) = &self.words {
            return match words.get(text) {
                Some(&at) => Ok(at as f64),
                None => Err(Error::value(format!("{text:?} is not one of the {} words", words.len()))),
            };
        }
        let number: f64 =
            text.parse().map_err(|_| Error::value(format!("expected a number, got {text:?}")))?;
        if !self.dtype.is_float() && number.fract() != 0.0 {
            return Err(Error::value(format!("expected a whole number for {}, got {text:?}", self.dtype)));
        }
        if csv.check_numerics && !number.is_finite() {
            return Err(Error::value(format!("expected a finite number, got {text:?}")));
        }
        Ok(number)
    }
}

/// A file that is being read.
struct Table {
    reader: Reader<File>,
    record: ByteRecord,
    /// Whether the row in `record` has been read but not handed out.
    waiting: bool,
    ended: bool,
    row: usize,
    path: PathBuf,
    who: String,
    /// A place in the file, and its line.
    counted: (u64, u64),
    /// How many columns there are.
    count: usize,
    columns: Vec<Column>,
    cells: Vec<f64>,
}

impl Table {
    /// Reads the cells of the next row; whether there is one.
    fn next_row(&mut self, csv: &Csv) -> Result<bool> {
        if !std::mem::take(&mut self.waiting) {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => (),
                Ok(false) => return Ok(false),
                Err(e) => {
                    self.ended = true;
                    return Err(Error::io(e.to_string()).at(self.who.clone()));
                }
            }
        }
        self.row += 1;
        if self.record.len() != self.count {
            let message = format!("expected {} cells, got {}", self.count, self.record.len());
            return Err(Error::format(message).at(self.place()).at(self.who.clone()));
        }
        self.cells.clear();
        for column in &self.columns {
            let cell = self.record.get(column.at).unwrap_or_default();
            match column.number(cell, csv) {
                Ok(number) => self.cells.push(number),
                Err(e) => {
                    let cell = format!("column {} ({:?})", column.at + 1, column.name);
                    let place = self.place();
                    return Err(e.at(format!("{place}, {cell}")).at(self.who.clone()));
                }
            }
        }
        Ok(true)
    }

    /// The row and its line, for errors: the file is read again up to there, from where the last error was.
    fn place(&mut self) -> String {
        let (row, start) = (self.row, self.record.position().map_or(0, csv::Position::byte));
        match self.line_of(start) {
            Ok(line) => format!("row {row} (line {line})"),
            Err(_) => format!("row {row}"),
        }
    }

    fn line_of(&mut self, start: u64) -> std::io::Result<u64> {
        let (from, mut line) = self.counted;
        let mut file = BufReader::new(File::open(&self.path)?);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = file.bytes();
        for _ in from..start {
            line += u64::from(matches!(bytes.next().transpose()?, Some(b'\n')));
        }
        self.counted = (start, line);
        // Empty lines before the row are no part of it.
        for byte in bytes {
            match byte? {
                b'\n' => line += 1,
                b'\r' => (),
                _ => break,
            }
        }
        Ok(line)
    }
}
