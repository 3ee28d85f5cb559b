//! What kernels are called.

use crate::control::ControlDesc;
use crate::kernel::{KernelDesc, Loop};
use rhyton_ops::{Expr, ExprKind};
use std::collections::HashSet;
use std::fmt::{Debug, Write};

/// What a kernel of a program does, in the user's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Label {
    /// The operations, in order: `matmul+add+relu`.
    pub operations: String,
    /// The layers that they come from, or other parts of the program that were named: `dense`, `dense gradient`.
    pub scopes: Vec<String>,
}

fn lower(x: &dyn Debug) -> String {
    let text = format!("{x:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase()
}

impl KernelDesc {
    /// The functions that it computes, where nobody has said which operations they come from: `matmul+add+max`.
    pub fn operations(&self) -> String {
        let mut names = Vec::new();
        match self {
            KernelDesc::Loop(l) => l.functions(&mut names),
            KernelDesc::MatMul(m) => {
                names.push("matmul".to_string());
                m.epilogue.iter().for_each(|l| l.functions(&mut names));
            }
            KernelDesc::Special { kernel, .. } => names.push(lower(kernel)),
            KernelDesc::Control(ControlDesc::Cond { .. }) => names.push("switch".into()),
            KernelDesc::Control(ControlDesc::Loop { .. }) => names.push("loop".into()),
        }
        if names.is_empty() { "copy".into() } else { names.join("+") }
    }

    /// Its size: `128x784x512` for a product of `128x784` and `784x512`, else the shape that it goes through.
    pub fn extent(&self) -> String {
        let times = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
        match self {
            KernelDesc::Loop(l) => times(&l.shape),
            KernelDesc::MatMul(m) => {
                let mut text = String::new();
                if !m.batch.is_empty() {
                    let _ = write!(text, "{} of ", times(&m.batch));
                }
                text + &times(&[m.m, m.k, m.n])
            }
            KernelDesc::Special { outputs, .. } => times(&outputs[0].shape),
            KernelDesc::Control(ControlDesc::Loop { rounds: Some(rounds), .. }) => format!("{rounds} rounds"),
            KernelDesc::Control(_) => String::new(),
        }
    }
}

impl Loop {
    fn functions(&self, names: &mut Vec<String>) {
        let mut seen = HashSet::new();
        for out in &self.outputs {
            functions(&out.expr, &mut seen, names);
            names.extend(out.reduce.as_ref().map(|f| lower(f)));
        }
    }
}

fn functions<'a>(e: &'a Expr, seen: &mut HashSet<&'a Expr>, names: &mut Vec<String>) {
    let (parts, name): (&[&Expr], _) = match e.kind() {
        ExprKind::Input(_) | ExprKind::Const(_) | ExprKind::Index(_) => return,
        ExprKind::Unary(f, a) => (&[a], lower(f)),
        ExprKind::Binary(f, a, b) => (&[a, b], lower(f)),
        ExprKind::Select(c, a, b) => (&[c, a, b], "select".into()),
        ExprKind::Cast(a) => (&[a], "cast".into()),
        ExprKind::Random { seed, counter, index, .. } => (&[seed, counter, index], "random".into()),
    };
    if seen.insert(e) {
        parts.iter().for_each(|p| functions(p, seen, names));
        names.push(name);
    }
}
