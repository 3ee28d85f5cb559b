//! Summaries are Keras's to the letter (`golden/summaries.py`).

use rhyton_model::{Fit, Sequential};
use rhyton_nn::layers::{Activation, Dense, Dropout, Flatten, Input, clear_session};
use rhyton_tensor::{DType, ops};

fn small() -> Sequential {
    Sequential::from((Input::new([6]), Dense::new(5).activation("relu"), Dropout::new(0.5), Dense::new(3)))
}

fn model(name: &str) -> Sequential {
    match name {
        "small" => small(),
        "trained" => {
            let mut model = small();
            model.compile("adam", "sparse_categorical_crossentropy", ()).unwrap();
            let (x, y) = (ops::zeros([4, 6], DType::F32).unwrap(), ops::zeros([4], DType::I32).unwrap());
            model.fit(&x, &y, Fit::epochs(1).verbose(0)).unwrap();
            model
        }
        "frozen" => {
            let layers = (Input::new([4]), Dense::new(5).trainable(false), Dense::new(3));
            let mut model = Sequential::from(layers).named("half_frozen");
            model.compile("sgd", "mse", ()).unwrap();
            model
        }
        "unbuilt" => {
            let activation = Activation::new("relu");
            Sequential::from((Flatten::new(), Dense::new(5), Dropout::new(0.1), activation, Dense::new(3)))
        }
        "mnist" => Sequential::from((
            Input::new([28, 28]),
            Flatten::new(),
            Dense::new(512).activation("relu"),
            Dense::new(10).activation("softmax"),
        )),
        "long_names" => Sequential::from((
            Input::new([3]),
            Dense::new(4).name("a_layer_whose_name_is_rather_long_indeed"),
            Dense::new(4).name(
                "an_even_longer_name_that_does_not_fit_into_the_column_at_all_however_wide_it_is_drawn",
            ),
            Dense::new(100_000).name("wide"),
        ))
        .named("a_model_with_a_long_name_of_its_own"),
        "high_rank" => {
            Sequential::from((Input::new([10, 20, 30, 40, 50]), Activation::new("relu"), Dense::new(1000)))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn summaries_are_those_of_keras() {
    let golden = include_str!("golden/summaries.txt");
    let mut checked = 0;
    for section in golden.split("=== ").skip(1) {
        let (title, expected) = section.split_once('\n').unwrap();
        let (name, columns) = title.split_once(", width ").unwrap();
        clear_session();
        let width = columns.parse::<usize>().unwrap() - 4;
        let got = model(name).summary_of_width(width.min(88));
        assert_eq!(got, expected, "{title}\n{got}");
        checked += 1;
    }
    assert_eq!(checked, 28);
}
