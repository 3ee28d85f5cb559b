use super::*;

/// Steps after the protocol.
fn run(steps: &[u8]) -> Result<String> {
    from_bytes(&[b"\x80\x02", steps].concat()).map(|v| format!("{v:?}"))
}

fn error(steps: &[u8]) -> String {
    run(steps).unwrap_err().to_string()
}

#[test]
fn plain_data() {
    let long = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.";
    assert_eq!(run(long).unwrap(), format!("Int({})", i64::MAX));
    assert_eq!(run(b"\x8a\x01\xff.").unwrap(), "Int(-1)");
    assert_eq!(run(b"\x8a\x00.").unwrap(), "Int(0)");
    assert_eq!(run(b"G\x3f\xf8\0\0\0\0\0\0.").unwrap(), "Float(1.5)");
    assert_eq!(run(b"(K\x01N\x88t.").unwrap(), "Tuple([Int(1), None, Bool(true)])");
    // One list in the three ways that lists are filled, and one that turns out not to hold numbers only.
    assert_eq!(run(b"](K\x01M\x2c\x01J\xff\xff\xff\xffeK\x04a.").unwrap(), "Ints([1, 300, -1, 4])");
    assert_eq!(run(b"](K\x01K\x02e(K\x03Ne.").unwrap(), "List([Int(1), Int(2), Int(3), None])");
    assert_eq!(run(b"]q\x00(]q\x01K\x07a]q\x02e.").unwrap(), "List([Ints([7]), Ints([])])");
    // Large numbers do not fit a list of small ones.
    assert_eq!(run(b"]\x8a\x05\0\0\0\0\x01a.").unwrap(), "List([Int(4294967296)])");
    assert_eq!(
        run(b"}(U\x01aK\x01X\x01\0\0\0bNu.").unwrap(),
        "Dict([(Bytes([97]), Int(1)), (Text(\"b\"), None)])"
    );
}

#[test]
fn what_is_no_data_is_refused() {
    for (module, name) in [("os", "system"), ("builtins", "eval"), ("numpy", "load"), ("_codecs", "encode")] {
        let e = error(format!("c{module}\n{name}\n.").as_bytes());
        assert!(e.contains(&format!("asks for {module}.{name}")) && e.contains("not run"), "{e}");
    }
    // The same by the step of newer pickles, and by the steps that make objects of classes.
    assert!(error(b"\x8c\x05posix\x8c\x06system\x93.").contains("posix.system"));
    for step in [b'i', b'o', 0x81, 0x92, b'P', b'Q', 0x82, b'I', b'S', b'd', b'2'] {
        let e = error(&[b'N', step, b'.']);
        assert!(e.contains(&format!("step 0x{step:02x}")), "{e}");
    }
    // A name of NumPy called with what it is not for.
    assert!(error(b"cnumpy\nndarray\nK\x01\x85R.").contains("expected one of NumPy's functions"));
    assert!(error(b"cnumpy\ndtype\nK\x01\x85R.").contains("without a name"));
}

#[test]
fn damage_is_an_error() {
    for steps in [
        &b""[..],
        b"N",
        b".",
        b"0.",
        b"e.",
        b"a.",
        b"u.",
        b"s.",
        b"t.",
        b"q\0.",
        b"h\x07.",
        b"R.",
        b"b.",
        b"\x93.",
    ] {
        assert!(run(steps).is_err(), "{steps:?}");
    }
    for steps in [&b"}(Nu."[..], b"NNa.", b"NNNs.", b"(N0t.", b"N(0.", b"N(a.", b"K\x01](\x85.", b"cnumpy\n"]
    {
        let _ = run(steps);
    }
    assert!(error(b"U\xffabc").contains("truncated"));
    assert!(error(b"X\xff\xff\xff\xffabc").contains("truncated"));
    assert!(error(b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc").contains("truncated"));
    assert!(from_bytes(b"hello").unwrap_err().to_string().contains("not a pickle"));
    assert!(from_bytes(b"\x80\x05N.").unwrap_err().to_string().contains("protocol 5"));
    assert!(from_bytes(b"").is_err());
}

#[test]
fn deep_and_shared_values_are_refused() {
    let deep = [&b"N"[..], &[0x85; 100_000], b"."].concat();
    assert!(error(&deep).contains("inside of each other"));
    let deep = [&[b']'; 100_000][..], &[b'a'; 99_999], b"."].concat();
    assert!(error(&deep).contains("inside of each other"));
    // Each tuple holds the one before twice: a billion values after thirty steps.
    assert!(error(b"(Nt\x94h\x00h\x00\x86\x94.").contains("twice"));
    assert!(error(b"]q\x00h\x00a.").contains("twice"));
    let many = [&[b'N'; 5_000_000][..], b"."].concat();
    assert!(error(&many).contains("more than"));
    let marks = [&[b'('; 5_000_000][..], b"."].concat();
    assert!(error(&marks).contains("more than"));
}

/// An array of three bytes, as Python 2 pickled it.
const ARRAY: &[u8] = b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K\x03\x85\
cnumpy\ndtype\nq\x04U\x02u1K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x03\x07\x08\x09tb.";

#[test]
fn arrays_of_numbers() {
    let pickled = [b"\x80\x02", ARRAY].concat();
    let Value::Array(array) = from_bytes(&pickled).unwrap() else { unreachable!("an array went in") };
    assert_eq!((&array.shape[..], &array.data[..]), (&[3][..], &[7, 8, 9][..]));
    let with = |from: &[u8], to: &[u8]| {
        let at = ARRAY.windows(from.len()).position(|w| w == from).unwrap();
        error(&[&ARRAY[..at], to, &ARRAY[at + from.len()..]].concat())
    };
    assert!(
        with(b"K\x03\x85", b"K\x04\x85")
            .contains("expected 4 elements of uint8 (shape (4,)), received 3 bytes")
    );
    assert!(with(b"K\x03\x85", b"J\xff\xff\xff\xff\x85").contains("not made of sizes"));
    assert!(with(b"U\x02u1", b"U\x02S1").contains("strings"));
    assert!(with(b"U\x02u1", b"U\x02O8").contains("list of the objects"));
    assert!(with(b"|NNN", b"|NK\x01N").contains("records"));
    assert!(with(b"U\x01|", b"U\x01x").contains("order of bytes"));
    assert!(with(b"tb.", b"t.").contains("put together"));
}

#[test]
fn no_change_of_a_byte_panics() {
    let pickled = [b"\x80\x02", ARRAY].concat();
    for at in 0..pickled.len() {
        let _ = from_bytes(&pickled[..at]);
        for byte in 0..=255 {
            let mut bad = pickled.clone();
            bad[at] = byte;
            let _ = from_bytes(&bad);
        }
    }
}
