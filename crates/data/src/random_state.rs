//! The Mersenne Twister as NumPy's `RandomState` uses it, whose shuffles Keras's data come in.
//!
//! Source: Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
//! generator", ACM TOMACS 8 (1998). The bounded numbers and shuffles are those of `numpy/random/mtrand.pyx` (legacy).

const N: usize = 624;

/// MT19937.
struct Twister {
    key: [u32; N],
    at: usize,
}

impl Twister {
    /// `init_genrand` of the reference implementation.
    fn new(seed: u32) -> Twister {
        let mut key = [seed; N];
        for i in 1..N {
            let before = key[i - 1];
            key[i] = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Twister { key, at: N }
    }

    fn word(&mut self) -> u32 {
        if self.at == N {
            for i in 0..N {
                let y = (self.key[i] & 0x8000_0000) | (self.key[(i + 1) % N] & 0x7FFF_FFFF);
                let odd = if y & 1 == 1 { 0x9908_B0DF } else { 0 };
                self.key[i] = self.key[(i + 397) % N] ^ (y >> 1) ^ odd;
            }
            self.at = 0;
        }
        let mut y = self.key[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C_5680;
        y ^= (y << 15) & 0xEFC6_0000;
        y ^ (y >> 18)
    }
}

/// Swaps from the end, each place with one at or before it that `below_or_at` draws.
fn shuffle<T>(list: &mut [T], mut below_or_at: impl FnMut(usize) -> usize) {
    for i in (1..list.len()).rev() {
        list.swap(i, below_or_at(i));
    }
}

/// `numpy.random.RandomState`, as far as it shuffles lists of fewer than 2^32 elements.
pub(crate) struct RandomState(Twister);

impl RandomState {
    pub(crate) fn new(seed: u32) -> RandomState {
        RandomState(Twister::new(seed))
    }

    /// The numbers below `count` in a random order.
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        shuffle(&mut order, |i| {
            let mask = u32::MAX >> (i as u32).leading_zeros();
            loop {
                let v = (self.0.word() & mask) as usize;
                if v <= i {
                    return v;
                }
            }
        });
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_numpy() {
        let mut twister = Twister::new(113);
        let state: Vec<u32> = [0, 1, 2, 3, N - 1].iter().map(|i| twister.key[*i]).collect();
        assert_eq!(state, [113, 2_941_494_678, 3_869_804_390, 2_159_376_348, 610_511_582]);
        let words: Vec<u32> = (0..8).map(|_| twister.word()).collect();
        let expected = [
            3_659_249_829,
            529_109_724,
            317_413_538,
            548_173_386,
            3_843_702_636,
            3_884_559_106,
            1_874_725_526,
            1_042_219_799,
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn permutations_of_numpy() {
        assert_eq!(RandomState::new(113).permutation(10), [9, 3, 6, 1, 0, 7, 4, 8, 2, 5]);
        let first = |order: &[usize]| order[..10].to_vec();
        let mut state = RandomState::new(113);
        assert_eq!(
            first(&state.permutation(25_000)),
            [7798, 13226, 18078, 793, 17499, 23003, 574, 19638, 5181, 23045]
        );
        let second = state.permutation(25_000);
        assert_eq!(first(&second), [22748, 4083, 8015, 13688, 5310, 4466, 736, 22654, 23614, 10255]);
        assert_eq!(second[24_995..], [8142, 2321, 23183, 20869, 16517]);
        assert_eq!(RandomState::new(0).permutation(1), [0]);
        assert!(RandomState::new(0).permutation(0).is_empty());
    }
}
