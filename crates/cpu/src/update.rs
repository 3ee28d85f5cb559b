//! What optimizers do to every weight, as two instructions: a running mean, and a step divided by a root.
//!
//! Done one function at a time, most of an update's time goes into passing numbers through the first-level cache; in one
//! piece it is as long as its division and its root take. Each function still rounds.

use crate::tape::{Class, Instr, Reg, Source, numbers, uses};
use rhyton_ops::{BinaryFn, UnaryFn};
use std::collections::HashMap;

/// How a running mean takes in a new number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mean {
    /// `old * k + new * l`.
    Weighted(f64, f64),
    /// `old + (new - old) * k`.
    Towards(f64),
}

/// Where the number that keeps a divisor from 0 is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Root {
    /// `sqrt(x + e)`.
    Inside(f64),
    /// `sqrt(x) + e`.
    Outside(f64),
}

/// The same code with these two instructions in it, wherever nothing else reads what lies between.
pub fn recognised(code: Vec<Instr>, sources: &[Source], results: &[Reg]) -> Vec<Instr> {
    // Where there is no step, a mean is no part of an update.
    let has_root = |i: &Instr| matches!(i, Instr::Unary { f: UnaryFn::Sqrt, .. });
    if !code.iter().any(has_root) {
        return code;
    }
    let (uses, numbers) = (uses(&code, results), numbers(&code, sources));
    let mut seen = Seen { code: Vec::with_capacity(code.len()), maker: HashMap::new(), uses, numbers };
    for instr in code {
        let found = seen.mean(&instr).or_else(|| seen.descent(&instr));
        let instr = found.map_or(instr, |(instr, gone)| {
            gone.iter().for_each(|r| seen.code[seen.maker[r]] = None);
            instr
        });
        seen.maker.insert(instr.dst(), seen.code.len());
        seen.code.push(Some(instr));
    }
    seen.code.into_iter().flatten().collect()
}

/// The code up to some instruction.
struct Seen {
    code: Vec<Option<Instr>>,
    /// Where in it each register gets its value.
    maker: HashMap<Reg, usize>,
    /// How often each is read, in all of the code.
    uses: HashMap<Reg, usize>,
    numbers: HashMap<Reg, f64>,
}

/// An instruction, and the registers that it makes unnecessary.
type Found = Option<(Instr, Vec<Reg>)>;

impl Seen {
    /// What makes a register that only one instruction reads.
    fn only(&self, r: Reg) -> Option<Instr> {
        self.maker.get(&r).filter(|_| self.uses[&r] == 1).and_then(|&at| self.code[at])
    }

    /// The sources of such a register, if this function makes it.
    fn pair(&self, r: Reg, wanted: BinaryFn, of: Class) -> Option<[Reg; 2]> {
        match self.only(r)? {
            Instr::Binary { f, class, a, b, .. } if f == wanted && class == of => Some([a, b]),
            _ => None,
        }
    }

    /// A register and a number, in this order or the other.
    fn with_number(&self, [a, b]: [Reg; 2]) -> Option<(Reg, f64)> {
        match (self.numbers.get(&a), self.numbers.get(&b)) {
            (None, Some(&k)) => Some((a, k)),
            (Some(&k), None) => Some((b, k)),
            _ => None,
        }
    }

    /// `x * k`.
    fn scaled(&self, r: Reg, class: Class) -> Option<(Reg, f64)> {
        self.with_number(self.pair(r, BinaryFn::Mul, class)?)
    }

    /// What a register is the square of.
    fn square_of(&self, r: Reg, class: Class) -> Option<Reg> {
        self.pair(r, BinaryFn::Mul, class).filter(|[a, b]| a == b).map(|[a, _]| a)
    }

    fn mean(&self, instr: &Instr) -> Found {
        let Instr::Binary { f: BinaryFn::Add, class: class @ (Class::F32 | Class::F64), dst, a, b } = *instr
        else {
            return None;
        };
        let made = |how: Mean, old: Reg, new: Reg, mut gone: Vec<Reg>| {
            let square = self.square_of(new, class);
            gone.extend(square.map(|_| new));
            let (b, squared) = (square.unwrap_or(new), square.is_some());
            (Instr::Mean { how, squared, class, dst, a: old, b }, gone)
        };
        for (old, change) in [(a, b), (b, a)] {
            if let Some((difference, k)) = self.scaled(change, class)
                && let Some([new, from]) = self.pair(difference, BinaryFn::Sub, class)
                && from == old
            {
                return Some(made(Mean::Towards(k), old, new, vec![change, difference]));
            }
        }
        let ((x, k), (y, l)) = (self.scaled(a, class)?, self.scaled(b, class)?);
        Some(match self.square_of(x, class) {
            Some(_) => made(Mean::Weighted(l, k), y, x, vec![a, b]),
            None => made(Mean::Weighted(k, l), x, y, vec![a, b]),
        })
    }

    fn descent(&self, instr: &Instr) -> Found {
        let Instr::Binary { f: BinaryFn::Sub, class: class @ (Class::F32 | Class::F64), dst, a, b: step } =
            *instr
        else {
            return None;
        };
        let [above, below] = self.pair(step, BinaryFn::Div, class)?;
        let [b, c] = self.pair(above, BinaryFn::Mul, class)?;
        let root_of = |r: Reg| match self.only(r)? {
            Instr::Unary { f: UnaryFn::Sqrt, a, .. } => Some(a),
            _ => None,
        };
        let mut gone = vec![step, above, below];
        let (root, d) = match root_of(below) {
            Some(sum) => {
                let (d, e) = self.with_number(self.pair(sum, BinaryFn::Add, class)?)?;
                gone.push(sum);
                (Root::Inside(e), d)
            }
            None => {
                let (root, e) = self.with_number(self.pair(below, BinaryFn::Add, class)?)?;
                gone.push(root);
                (Root::Outside(e), root_of(root)?)
            }
        };
        Some((Instr::Descent { root, class, dst, a, b, c, d }, gone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::flatten;
    use rhyton_base::DType;
    use rhyton_ops::Expr;

    fn input(i: usize) -> Expr {
        Expr::input(i, DType::F32)
    }

    fn number(k: f64) -> Expr {
        Expr::constant(k, DType::F32)
    }

    fn counts(exprs: &[Expr]) -> (usize, usize, usize) {
        let code = flatten(exprs, 1).instrs;
        let count = |f: &dyn Fn(&Instr) -> bool| code.iter().filter(|i| f(i)).count();
        let loads = count(&|i| matches!(i, Instr::Load { .. }));
        let (means, descents) =
            (count(&|i| matches!(i, Instr::Mean { .. })), count(&|i| matches!(i, Instr::Descent { .. })));
        (means, descents, code.len() - loads - means - descents)
    }

    #[test]
    fn the_updates_of_two_optimizers() {
        // Gradient, weight, mean of squares, rate.
        let (g, w, v, rate) = (input(0), input(1), input(2), input(3));
        let mean = v * number(0.9) + g.clone() * g.clone() * number(0.1);
        let root = (mean.clone() + number(1e-7)).unary(UnaryFn::Sqrt);
        assert_eq!(counts(&[mean, w.clone() - rate.clone() * g.clone() / root]), (1, 1, 0));
        // Adam's.
        let (m, v) = (input(4), input(5));
        let mean = m.clone() + (g.clone() - m) * number(0.1);
        let square = v.clone() + (g.clone() * g - v) * number(0.001);
        let root = square.clone().unary(UnaryFn::Sqrt) + number(1e-7);
        assert_eq!(counts(&[mean.clone(), square, w - mean * rate / root]), (2, 1, 0));
    }

    #[test]
    fn what_something_else_needs_stays() {
        let (g, w, v, rate) = (input(0), input(1), input(2), input(3));
        let step = rate * g / (v + number(1e-7)).unary(UnaryFn::Sqrt);
        assert_eq!(counts(&[w - step.clone(), step]).1, 0);
    }
}
