use super::*;
use rhyton_tensor::Tensor;

fn numbers(dataset: &Dataset) -> Vec<Vec<i32>> {
    dataset.iter().map(|e| e.unwrap()[0].to_vec::<i32>().unwrap()).collect()
}

#[test]
fn batches_in_order_as_often_as_wanted() {
    let x = Tensor::from([0i32, 1, 2, 3, 4, 5, 6]);
    let dataset = Dataset::from_tensor_slices((&x, &x)).unwrap();
    assert_eq!(dataset.len(), Some(7));
    assert_eq!(dataset.iter().next().unwrap().unwrap()[1].shape(), [0usize; 0]);
    let batches = dataset.batch(3);
    for _ in 0..2 {
        assert_eq!(numbers(&batches), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    }
    assert_eq!(batches.len(), Some(3));
    // Batches of batches are put together.
    let twice = dataset.batch(1).batch(4);
    assert_eq!(twice.iter().next().unwrap().unwrap()[0].shape(), [4, 1]);
    assert_eq!((twice.len(), numbers(&twice)), (Some(2), vec![vec![0, 1, 2, 3], vec![4, 5, 6]]));
    assert_eq!((dataset.batch_exact(3).len(), numbers(&dataset.batch_exact(3)).len()), (Some(2), 2));
}

#[test]
fn what_does_not_fit_is_told() {
    let (x, y) = (Tensor::from([1i32, 2]), Tensor::from([1i32, 2, 3]));
    let e = |e: Error| e.to_string();
    let told = Dataset::from_tensor_slices((&x, &y)).map(|_| ()).map_err(e).unwrap_err();
    assert_eq!(told, "from_tensor_slices: tensor 0 has 2 elements, tensor 1 has 3");
    assert!(Dataset::from_tensor_slices(Vec::new()).is_err());
    assert!(Dataset::from_tensor_slices(Tensor::from(1i32)).is_err());
    let none = Dataset::from_tensor_slices(&x).unwrap().batch(0);
    let told = none.iter().next().unwrap().map_err(e).unwrap_err();
    assert_eq!((told.as_str(), none.len()), ("batch: expected a batch size of at least 1, got 0", None));
    // The last batch of three is smaller than the others.
    let uneven = Dataset::from_tensor_slices(&y).unwrap().batch(2).batch(2);
    assert!(uneven.iter().next().unwrap().map_err(e).unwrap_err().starts_with("batch: "));
}

/// Batches of slices that come in order share the memory of the tensor.
#[test]
fn batches_without_a_copy() {
    let x = Tensor::from(vec![0.5f32; 1000]);
    let batch = Dataset::from_tensor_slices(&x).unwrap().batch(100).iter().nth(3).unwrap().unwrap();
    let address = |x: &Tensor| x.with_bytes(|b| b.as_ptr() as usize).unwrap();
    assert_eq!(address(&batch[0]), address(&x) + 300 * 4);
}
