//! The datasets that Rhyton knows: their files, published addresses, hashes and terms.

use rhyton_base::{Error, Result, did_you_mean};

/// A dataset as Keras publishes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Keras's name, such as `fashion_mnist`.
    pub name: &'static str,
    /// What it holds, in a line.
    pub about: &'static str,
    /// Its licence or terms of use, as far as known.
    pub terms: &'static str,
    /// The sub-folder that its files are kept in, if any.
    pub folder: Option<&'static str>,
    /// Its files.
    pub files: &'static [DataFile],
}

/// One file of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of what the published address gives, in hexadecimal.
    pub sha256: &'static str,
    /// The folder that it is published in.
    pub address: &'static str,
    /// For an archive: where a file of it may be found instead, if it has been unpacked.
    pub unpacked: &'static [&'static str],
}

/// Where Keras publishes most files.
const KERAS: &str = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/";
/// Where the author of CIFAR publishes it.
const CIFAR: &str = "https://www.cs.toronto.edu/~kriz/";

impl DataFile {
    /// The published address.
    ///
    /// ```
    /// let file = rhyton_data::registry::dataset("mnist")?.files[0];
    /// assert_eq!(file.url(), "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn url(&self) -> String {
        format!("{}{}", self.address, self.name)
    }
}

/// The dataset of a name; `-` may stand for `_`. An error where there is none, and then the nearest name is suggested.
///
/// ```
/// use rhyton_data::registry::dataset;
/// assert_eq!(dataset("fashion-mnist")?.files.len(), 4);
/// let e = dataset("minst").unwrap_err();
/// assert_eq!(e.to_string(), "there is no dataset \"minst\"; did you mean \"mnist\"?");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn dataset(name: &str) -> Result<&'static Dataset> {
    let wanted = name.replace('-', "_");
    DATASETS.iter().find(|d| d.name == wanted).ok_or_else(|| {
        let names: Vec<&str> = DATASETS.iter().map(|d| d.name).collect();
        let hint = match did_you_mean(&wanted, &names) {
            hint if hint.is_empty() => format!("; there are {}", names.join(", ")),
            hint => hint,
        };
        Error::name(format!("there is no dataset {name:?}{hint}"))
    })
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> DataFile {
    DataFile { name, bytes, sha256, address: KERAS, unpacked: &[] }
}

/// All datasets, by name.
pub const DATASETS: &[Dataset] = &[
    Dataset {
        name: "boston_housing",
        about: "506 districts of Boston in the 1970s with 13 numbers each, and their median house price",
        terms: "Harrison and Rubinfeld 1978, no licence known; its variable B builds on a racist premise, use it \
                only to follow older texts",
        folder: None,
        files: &[file(
            "boston_housing.npz",
            57_026,
            "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
        )],
    },
    Dataset {
        name: "california_housing",
        about: "20,640 districts of California in 1990 with 8 numbers each, and their median house price",
        terms: "Pace and Barry 1997, from the census of 1990; no licence known",
        folder: None,
        files: &[file(
            "california_housing.npz",
            743_530,
            "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
        )],
    },
    Dataset {
        name: "cifar10",
        about: "60,000 colour pictures, 32 x 32, in 10 classes",
        terms: "Alex Krizhevsky 2009: no licence known, cite \"Learning multiple layers of features from tiny images\"",
        folder: None,
        files: &[DataFile {
            name: "cifar-10-python.tar.gz",
            bytes: 170_498_071,
            sha256: "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            address: CIFAR,
            unpacked: &[
                "cifar-10-batches-py/data_batch_1",
                "cifar-10-batches-py-target/cifar-10-batches-py/data_batch_1",
            ],
        }],
    },
    Dataset {
        name: "cifar100",
        about: "60,000 colour pictures, 32 x 32, in 100 classes of 20 groups",
        terms: "Alex Krizhevsky 2009: no licence known, cite \"Learning multiple layers of features from tiny images\"",
        folder: None,
        files: &[DataFile {
            name: "cifar-100-python.tar.gz",
            bytes: 169_001_437,
            sha256: "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            address: CIFAR,
            unpacked: &["cifar-100-python/train", "cifar-100-python-target/cifar-100-python/train"],
        }],
    },
    Dataset {
        name: "fashion_mnist",
        about: "70,000 pictures of clothes, 28 x 28 in gray, in 10 classes",
        terms: "MIT, Zalando SE",
        folder: Some("fashion-mnist"),
        files: &[
            file(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            file(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            file(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
            file(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
        ],
    },
    Dataset {
        name: "imdb",
        about: "50,000 film reviews as word ids, half of them positive",
        terms: "Maas et al., ACL 2011: free for research with citation",
        folder: None,
        files: &[
            file("imdb.npz", 17_464_789, "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
            file(
                "imdb_word_index.json",
                1_641_221,
                "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6",
            ),
        ],
    },
    Dataset {
        name: "mnist",
        about: "70,000 handwritten digits, 28 x 28 in gray",
        terms: "CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        folder: None,
        files: &[file(
            "mnist.npz",
            11_490_434,
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        )],
    },
    Dataset {
        name: "reuters",
        about: "11,228 newswires as word ids, in 46 topics",
        terms: "Reuters-21578: for research with citation",
        folder: None,
        files: &[
            file(
                "reuters.npz",
                2_110_848,
                "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
            ),
            file(
                "reuters_word_index.json",
                550_378,
                "9b56000edc4b34a32e89fd5a23b2605594682c74efcf7d8f4e2a5514b771e633",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_hashes_are_hashes() {
        assert!(DATASETS.is_sorted_by(|a, b| a.name < b.name));
        for file in DATASETS.iter().flat_map(|d| d.files) {
            let hex = file.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            assert!(file.bytes > 0 && file.sha256.len() == 64 && hex, "{}", file.name);
        }
    }
}
