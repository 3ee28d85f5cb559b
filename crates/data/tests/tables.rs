//! CSV files and arrays in files: what is read, and what is told of damage.

use rhyton_data::{AUTOTUNE, Csv, Dataset, Element};
use rhyton_io::{Array, Compression, npy, write_npz};
use rhyton_tensor::{DType, Tensor};
use std::path::PathBuf;

/// A file of its own, removed at the end.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Temp {
        let path = std::env::temp_dir().join(format!("rhyton-tables-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Temp(path)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn rows(dataset: &Dataset) -> Vec<Result<Vec<Vec<f64>>, String>> {
    let row = |e: Element| e.iter().map(|x| x.to_f64s().unwrap()).collect();
    dataset.iter().map(|e| e.map(row).map_err(|e| e.to_string())).collect()
}

#[test]
fn quotes_blanks_and_several_files() {
    let a = Temp::new("a.csv", "x,\"long, name\",kind\r\n1, 2.5 ,\"red\"\r\n\"-3e2\",\"4\",blue\r\n");
    let b = Temp::new("b.csv", "x,\"long, name\",kind\n7,8,red");
    let csv = Csv::of_files([&a.0, &b.0]).vocabulary("kind", ["red", "blue"]).label_name("kind");
    let expected = [
        vec![vec![1.0, 2.5], vec![0.0]],
        vec![vec![-300.0, 4.0], vec![1.0]],
        vec![vec![7.0, 8.0], vec![0.0]],
    ];
    for _ in 0..2 {
        let got: Vec<_> = rows(&csv.dataset().unwrap()).into_iter().map(Result::unwrap).collect();
        assert_eq!(got, expected);
    }
    let batch = csv.dataset().unwrap().batch(8).iter().next().unwrap().unwrap();
    assert_eq!((batch[0].shape(), batch[1].shape(), batch[1].dtype()), (&[3, 2][..], &[3][..], DType::I64));
    let chosen = csv.select_columns(["long, name"]).columns().unwrap();
    assert_eq!(rows(&chosen)[1], Ok(vec![vec![4.0], vec![1.0]]));
}

#[test]
fn bad_cells_are_told_with_their_places() {
    let bad = Temp::new(
        "bad.csv",
        "a,b,c\n1,2,3\n1,2\n\n1,x,3\n1,,3\n1,nan,3\n1,2,3,4\n1.5,2,3\n\"1\n\",2,3\n\"open,2,3\n",
    );
    let csv = Csv::new(&bad.0).column_type("a", DType::I64).check_numerics(true);
    let got = rows(&csv.columns().unwrap());
    let who = format!("Csv: {:?}: ", bad.0.display().to_string());
    let told = |i: usize| got[i].clone().unwrap_err().replace(&who, "");
    assert_eq!(got[0], Ok(vec![vec![1.0], vec![2.0], vec![3.0]]));
    assert_eq!(told(1), "row 2 (line 3): expected 3 cells, got 2");
    assert_eq!(told(2), "row 3 (line 5), column 2 (\"b\"): expected a number, got \"x\"");
    assert!(told(3).starts_with("row 4 (line 6), column 2 (\"b\"): there is no value"), "{}", told(3));
    assert_eq!(told(4), "row 5 (line 7), column 2 (\"b\"): expected a finite number, got \"nan\"");
    assert_eq!(told(5), "row 6 (line 8): expected 3 cells, got 4");
    assert_eq!(told(6), "row 7 (line 9), column 1 (\"a\"): expected a whole number for int64, got \"1.5\"");
    assert_eq!(got[7], Ok(vec![vec![1.0], vec![2.0], vec![3.0]]));
    assert_eq!(told(8), "row 9 (line 12): expected 3 cells, got 1");
    assert_eq!(got.len(), 9);
    // With something in the place of what is missing.
    let got = rows(&Csv::new(&bad.0).default_for_all(f64::NAN).dataset().unwrap());
    assert!(got[3].as_ref().unwrap()[0][1].is_nan() && got[4].is_ok());
}

#[test]
fn options_that_do_not_fit() {
    let file = Temp::new("options.csv", "age,weight\n1,2\n");
    let told = |csv: Csv| csv.dataset().map(|_| ()).unwrap_err().to_string();
    let csv = || Csv::new(&file.0);
    assert!(
        told(csv().label_name("wieght")).ends_with("there is no column \"wieght\"; did you mean \"weight\"?")
    );
    assert!(told(csv().default("x", 0.0)).contains("no column \"x\""));
    assert!(told(csv().column_names(["a"])).contains("column_names has 1 names, the header 2"));
    assert!(told(Csv::new("no.csv")).contains("no such file"));
    assert!(told(Csv::of_files(Vec::<PathBuf>::new())).contains("at least one file"));
    let empty = Temp::new("empty.csv", "");
    assert!(told(Csv::new(&empty.0)).contains("the file is empty"));
    assert_eq!(Csv::new(&empty.0).header(false).dataset().unwrap().iter().count(), 0);
}

/// Nothing that a file may hold makes it panic or go on for ever.
#[test]
fn any_bytes() {
    let mut generator = rhyton_runtime::Generator::new(3);
    let alphabet = b"0123456789.,\"\n\r-eEnaif \xff\xc3\xa9\0;";
    for case in 0..300 {
        let length = generator.below(80);
        let mut content = b"a,b\n".to_vec();
        content.extend((0..length).map(|_| alphabet[generator.below(alphabet.len())]));
        let file = Temp::new("fuzz.csv", &content);
        let count = Csv::new(&file.0).dataset().unwrap().iter().take(1000).count();
        assert!(count <= length + 1, "case {case}");
    }
}

#[test]
fn arrays_in_files() {
    let x: Vec<f32> = (0..60).map(|i| i as f32 / 2.0).collect();
    let y: Vec<i64> = (0..20).collect();
    let (x, y) = (Array::from_slice([20, 3], &x).unwrap(), Array::from_slice([20], &y).unwrap());
    let (fx, fy) =
        (Temp::new("x.npy", npy::to_bytes(&x).unwrap()), Temp::new("y.npy", npy::to_bytes(&y).unwrap()));
    let stored = Temp::new("stored.npz", "");
    write_npz(&stored.0, &[("x", &x), ("y", &y)], Compression::Stored).unwrap();
    let packed = Temp::new("packed.npz", "");
    write_npz(&packed.0, &[("x", &x), ("y", &y)], Compression::Deflated).unwrap();
    let tensor = |a: &Array| Tensor::from_bytes(&a.data, a.dtype, &a.shape).unwrap();
    let memory = Dataset::from_tensor_slices((tensor(&x), tensor(&y))).unwrap();
    let of_files = [
        Dataset::from_npy(&[&fx.0, &fy.0]).unwrap(),
        Dataset::from_npz(&stored.0, &["x", "y"]).unwrap(),
        Dataset::from_npz(&packed.0, &["x", "y"]).unwrap(),
    ];
    for dataset in of_files {
        assert_eq!(dataset.len(), Some(20));
        let pipelines = [
            |d: &Dataset| d.batch(6),
            |d: &Dataset| d.shuffle(20, 4).batch(7).prefetch(AUTOTUNE),
            |d: &Dataset| d.shard(3, 1).unwrap().map_parallel(|e: Element| Ok(e), 2),
        ];
        for pipeline in pipelines {
            assert_eq!(rows(&pipeline(&dataset)), rows(&pipeline(&memory)));
        }
    }
    let told = |r: rhyton_base::Result<Dataset>| r.map(|_| ()).unwrap_err().to_string();
    assert!(told(Dataset::from_npz(&stored.0, &["x", "z"])).contains("no member \"z.npy\""));
    let short =
        Temp::new("short.npy", npy::to_bytes(&Array::from_slice([3], &[1u8, 2, 3]).unwrap()).unwrap());
    assert!(told(Dataset::from_npy(&[&fx.0, &short.0])).contains("array 0 has 20 rows, array 1 has 3"));
    let cut = Temp::new("cut.npy", &npy::to_bytes(&x).unwrap()[..200]);
    assert!(told(Dataset::from_npy(&[&cut.0])).contains("the file is truncated"));
    let none: [&str; 0] = [];
    assert!(told(Dataset::from_npy(&none)).contains("at least one array"));
}

/// Files and archives cut anywhere, or with a byte turned over, are errors or other numbers, never a panic.
#[test]
fn damaged_arrays() {
    let x = Array::from_slice([50, 4], &(0..200).map(|i| i as f32).collect::<Vec<_>>()).unwrap();
    let file = Temp::new("damaged", "");
    let read = |npz: bool| {
        let dataset = match npz {
            true => Dataset::from_npz(&file.0, &["x"]),
            false => Dataset::from_npy(&[&file.0]),
        };
        dataset.map_or(1, |d| d.iter().take(100).filter(|e| e.is_err()).count())
    };
    for compression in [None, Some(Compression::Stored), Some(Compression::Deflated)] {
        let bytes = match compression {
            None => npy::to_bytes(&x).unwrap(),
            Some(c) => rhyton_io::npz::to_bytes(&[("x", &x)], c).unwrap(),
        };
        for at in (0..bytes.len()).step_by(3) {
            std::fs::write(&file.0, &bytes[..at]).unwrap();
            assert!(read(compression.is_some()) > 0, "cut at {at}");
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&file.0, bad).unwrap();
            read(compression.is_some());
        }
    }
}

/// More than it holds in memory: 64 MB of rows through a process that may not grow by as much.
#[test]
fn larger_than_what_is_held() {
    use std::io::Write;
    let (count, width) = (16_384usize, 1024usize);
    let file = Temp::new("large.npy", "");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file.0).unwrap());
    let head = npy::to_bytes(&Array::from_slice([1], &[0f32]).unwrap()).unwrap();
    let text = String::from_utf8_lossy(&head[10..head.len() - 4])
        .trim_end()
        .replace("(1,)", &format!("({count}, {width})"));
    let padded = format!("{text:<117}\n");
    out.write_all(&head[..8]).unwrap();
    out.write_all(&(padded.len() as u16).to_le_bytes()).unwrap();
    out.write_all(padded.as_bytes()).unwrap();
    for i in 0..count {
        let row: Vec<u8> = (0..width).flat_map(|j| ((i + j) as f32).to_le_bytes()).collect();
        out.write_all(&row).unwrap();
    }
    out.flush().unwrap();
    let dataset = Dataset::from_npy(&[&file.0]).unwrap().shuffle(count, 8).batch(64).prefetch(AUTOTUNE);
    let held = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).map(str::to_string);
        line.and_then(|l| l.split_whitespace().nth(1)?.parse::<usize>().ok()).unwrap_or(0)
    };
    let before = held();
    let (mut seen, mut sum, mut most) = (0, 0.0, 0);
    for batch in &dataset {
        let x = &batch.unwrap()[0];
        seen += x.shape()[0];
        sum += x.to_vec::<f32>().unwrap().chunks(width).map(|r| f64::from(r[0])).sum::<f64>();
        most = most.max(held());
    }
    assert_eq!((seen, sum), (count, (count * (count - 1) / 2) as f64));
    assert!(most.saturating_sub(before) < 24 << 10, "grew by {} kB", most - before);
}
