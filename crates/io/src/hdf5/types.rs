//! Element types as HDF5 describes them, in both directions.

use hdf5_pure::{
    Datatype, DatatypeByteOrder, EnumTypeBuilder, FixedPointLayout, FloatingPointLayout, make_i8_type,
};
use rhyton_base::{DType, Error, Result};

const HALF: FloatingPointLayout = float(10, 5, 15);
const BRAIN: FloatingPointLayout = float(7, 8, 127);
const SINGLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY32;
const DOUBLE: FloatingPointLayout = FloatingPointLayout::IEEE754_BINARY64;

/// A 16-bit float: fraction below, exponent above it, sign on top.
const fn float(fraction: u8, exponent: u8, bias: u32) -> FloatingPointLayout {
    FloatingPointLayout {
        bit_offset: 0,
        bit_precision: 16,
        exponent_location: fraction,
        exponent_size: exponent,
        mantissa_location: 0,
        mantissa_size: fraction,
        exponent_bias: bias,
    }
}

/// How the elements of a dataset are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) dtype: DType,
    pub(super) big_endian: bool,
}

/// The element type of a datatype; `tag` fetches the text attribute `dtype`, by which Keras marks `bfloat16`.
pub(super) fn stored_type(datatype: &Datatype, tag: impl FnOnce() -> Option<String>) -> Option<Stored> {
    let little = Stored { dtype: DType::Bool, big_endian: false };
    match datatype {
        Datatype::FixedPoint { size, byte_order, layout } => {
            let dtype = match (*size, layout.signed) {
                (1, false) => DType::U8,
                (2, false) => DType::U16,
                (4, false) => DType::U32,
                (8, false) => DType::U64,
                (1, true) => DType::I8,
                (2, true) => DType::I16,
                (4, true) => DType::I32,
                (8, true) => DType::I64,
                _ => return None,
            };
            let whole = layout.bit_offset == 0 && usize::from(layout.bit_precision) == dtype.size() * 8;
            if whole { in_order(dtype, *byte_order) } else { None }
        }
        Datatype::FloatingPoint { size, byte_order, layout } => {
            let dtype = match (*size, *layout) {
                (2, HALF) => DType::F16,
                (2, BRAIN) => DType::BF16,
                (4, SINGLE) => DType::F32,
                (8, DOUBLE) => DType::F64,
                _ => return None,
            };
            in_order(dtype, *byte_order)
        }
        Datatype::Enumeration { base_type, members, .. } => {
            let byte = matches!(**base_type, Datatype::FixedPoint { size: 1, .. });
            let names: Vec<&str> = members.iter().map(|m| m.name.as_str()).collect();
            (byte && names == ["FALSE", "TRUE"]).then_some(little)
        }
        Datatype::Opaque { size: 2, .. } => {
            (tag().as_deref() == Some("bfloat16")).then_some(Stored { dtype: DType::BF16, ..little })
        }
        _ => None,
    }
}

fn in_order(dtype: DType, order: DatatypeByteOrder) -> Option<Stored> {
    match order {
        DatatypeByteOrder::LittleEndian => Some(Stored { dtype, big_endian: false }),
        DatatypeByteOrder::BigEndian => Some(Stored { dtype, big_endian: true }),
        DatatypeByteOrder::Vax => None,
    }
}

/// The datatype that an element type is written as.
pub(super) fn datatype_of(dtype: DType) -> Result<Datatype> {
    let size = dtype.size() as u32;
    let byte_order = DatatypeByteOrder::LittleEndian;
    let layout = match dtype {
        DType::F16 => HALF,
        DType::F32 => SINGLE,
        DType::F64 => DOUBLE,
        DType::BF16 => return Ok(Datatype::Opaque { size, tag: Vec::new() }),
        DType::Bool => {
            let boolean = EnumTypeBuilder::with_base(make_i8_type());
            return boolean
                .raw_value("FALSE", &[0])
                .raw_value("TRUE", &[1])
                .build()
                .map_err(|e| Error::format(format!("HDF5: {e}")));
        }
        _ => {
            let layout = FixedPointLayout {
                signed: !dtype.is_unsigned(),
                bit_offset: 0,
                bit_precision: dtype.size() as u16 * 8,
            };
            return Ok(Datatype::FixedPoint { size, byte_order, layout });
        }
    };
    Ok(Datatype::FloatingPoint { size, byte_order, layout })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_again() {
        for dtype in DType::ALL {
            let tag = || Some("bfloat16".to_string());
            let found = stored_type(&datatype_of(dtype).unwrap(), tag).unwrap();
            assert_eq!(found, Stored { dtype, big_endian: false });
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_refused() {
        let layout = FixedPointLayout { signed: true, bit_offset: 0, bit_precision: 24 };
        let odd = Datatype::FixedPoint { size: 4, byte_order: DatatypeByteOrder::LittleEndian, layout };
        assert_eq!(stored_type(&odd, || None), None);
        assert_eq!(stored_type(&Datatype::Opaque { size: 2, tag: vec![] }, || None), None);
        let vax = Datatype::FloatingPoint { size: 4, byte_order: DatatypeByteOrder::Vax, layout: SINGLE };
        assert_eq!(stored_type(&vax, || None), None);
    }
}
