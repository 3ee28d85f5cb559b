//! Records: a length, data, and checksums of both.

use super::Event;
use prost::Message;
use rhyton_base::{Error, Result};

/// CRC-32C (Castagnoli), a byte at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = i as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, b| TABLE[usize::from(crc as u8 ^ b)] ^ crc >> 8)
}

/// The checksum as it stands in files: turned and shifted, so that data with checksums inside have no trivial one.
fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Data as a record.
pub(super) fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length, &masked(&length).to_le_bytes()[..], data, &masked(data).to_le_bytes()].concat()
}

/// All events of a file's bytes.
///
/// # Errors
/// Where a checksum or a message is wrong. A file may end within a record, as one does that is being written: what
/// comes before is returned.
pub fn read_events(mut bytes: &[u8]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let wrong =
        |number: usize, what: &str| Error::format(format!("event {number}: {what}; the file is damaged"));
    while let Some((head, rest)) = bytes.split_first_chunk::<12>() {
        let number = events.len();
        if masked(&head[..8]).to_le_bytes() != head[8..] {
            return Err(wrong(number, "the checksum of the length is wrong"));
        }
        let length = u64::from_le_bytes(std::array::from_fn(|i| head[i]));
        let Some((data, rest)) = usize::try_from(length).ok().and_then(|n| rest.split_at_checked(n)) else {
            break;
        };
        let Some((sum, rest)) = rest.split_first_chunk::<4>() else { break };
        if masked(data).to_le_bytes() != *sum {
            return Err(wrong(number, "the checksum of the data is wrong"));
        }
        events.push(Event::decode(data).map_err(|e| wrong(number, &format!("it is no event: {e}")))?);
        bytes = rest;
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of RFC 3720, section B.4, and the check value of the algorithm's definition.
    #[test]
    fn checksums_as_published() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&std::array::from_fn::<u8, 32, _>(|i| i as u8)), 0x46dd_794e);
    }

    #[test]
    fn damage_is_told_and_a_cut_file_is_read_as_far_as_it_goes() {
        let event = Event { step: 7, ..Event::default() };
        let file = record(&event.encode_to_vec()).repeat(3);
        assert_eq!(read_events(&file).unwrap(), [event.clone(), event.clone(), event]);
        for end in 0..file.len() {
            assert_eq!(read_events(&file[..end]).unwrap().len(), 3 * end / file.len());
            let mut damaged = file.clone();
            damaged[end] ^= 0x10;
            assert!(read_events(&damaged).is_err(), "{end}");
        }
    }
}
