//! `maximum`: the larger of each pair, NaN if either is; where they tie each gets half of the gradient.

binary_op! {
    /// The larger of each pair, NaN if either is; where they tie each gets half of the gradient.
    Maximum, "maximum", same;
    lower |x, y| x.max(y);
    vjp |b, x, y, out, g| {
        let first = b.greater(x, y)?;
        let zero = b.like(g, 0.0)?;
        let one_sided = b.select(first, g, zero)?;
        let tie = b.equal(x, y)?;
        let half = b.scale(g, 0.5)?;
        b.select(tie, half, one_sided)
    }, {
        let first = b.less(x, y)?;
        let zero = b.like(g, 0.0)?;
        let one_sided = b.select(first, g, zero)?;
        let tie = b.equal(x, y)?;
        let half = b.scale(g, 0.5)?;
        b.select(tie, half, one_sided)
    };
    samples vec![
        Sample::new(Maximum, [Domain::uniform([2, 3], -2.0, -1.0), Domain::uniform([3], 0.0, 2.0)]),
        Sample::new(Maximum, [Domain::uniform([2, 1], -2.0, -1.0), Domain::uniform([1, 3], 0.0, 2.0)]),
        Sample::new(Maximum, [Domain::vector(&[1.0, 2.0]), Domain::vector(&[3.0, 0.5])]).expect(&[3.0, 2.0]),
    ];
}
