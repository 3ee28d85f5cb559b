//! What is known of a program's kernels before they run.

use crate::control::Nested;
use crate::cost::Cost;
use crate::kernel::{KernelDesc, ProgramDesc};
use crate::label::Label;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

static PROGRAMS: AtomicU64 = AtomicU64::new(0);

/// The names and costs of a program's kernels. Those of nested programs stand behind the branch or loop that runs
/// them.
pub struct ProgramInfo {
    id: u64,
    name: String,
    memory: u64,
    variables: Vec<(String, u64)>,
    kernels: Vec<KernelInfo>,
}

/// The name and the cost of a kernel.
#[derive(Clone, Debug)]
pub struct KernelInfo {
    /// What it does.
    pub label: Label,
    /// Its size; see [`KernelDesc::extent`].
    pub extent: String,
    /// What one run costs.
    pub cost: Cost,
    /// How many branches and loops it is in.
    pub depth: usize,
}

/// `dense: matmul+add+relu 128x784x512: 2009088 bytes read, 262144 written, 102891520 flop`.
impl fmt::Display for KernelInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { flops, read, written, .. } = self.cost;
        write!(f, "{}: {read} bytes read, {written} written, {flops} flop", self.name())
    }
}

impl KernelInfo {
    /// Layers, operations and size: `dense: matmul+add+relu 128x784x512`.
    pub fn name(&self) -> String {
        full_name(&self.label, &self.extent)
    }
}

/// Layers, operations and size in a line.
pub(super) fn full_name(label: &Label, extent: &str) -> String {
    let scopes = label.scopes.join(", ");
    let colon = if scopes.is_empty() { "" } else { ": " };
    format!("{scopes}{colon}{} {extent}", label.operations).trim_end().to_string()
}

impl ProgramInfo {
    /// Looks at all kernels of a program.
    pub fn new(program: &ProgramDesc) -> ProgramInfo {
        let mut kernels = Vec::new();
        gather(program, None, 0, &mut kernels);
        let memory = program.slots.iter().map(|s| s.bytes as u64).sum();
        let bytes = |&slot: &usize| program.slots.get(slot).map_or(0, |s| s.bytes as u64);
        let variables = program.variables.iter().map(|(name, slot)| (name.clone(), bytes(slot))).collect();
        let id = PROGRAMS.fetch_add(1, Ordering::Relaxed);
        ProgramInfo { id, name: program.name.clone(), memory, variables, kernels }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// What the program is called; empty for an operation by itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of its arguments, results, variables and working memory together.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// The names of the variables that it reads or changes, and their bytes.
    pub fn variables(&self) -> &[(String, u64)] {
        &self.variables
    }

    /// The kernels.
    pub fn kernels(&self) -> &[KernelInfo] {
        &self.kernels
    }
}

fn gather(program: &ProgramDesc, around: Option<&Label>, depth: usize, all: &mut Vec<KernelInfo>) {
    for (i, kernel) in program.kernels.iter().enumerate() {
        let mut label = program.labels.get(i).cloned().unwrap_or_default();
        if label.operations.is_empty() {
            label.operations = kernel.operations();
        }
        if label.scopes.is_empty() {
            label.scopes = around.map_or(Vec::new(), |l| l.scopes.clone());
        }
        all.push(KernelInfo { label: label.clone(), extent: kernel.extent(), cost: kernel.cost(), depth });
        if let KernelDesc::Control(control) = kernel {
            let nested: Vec<&Nested> = control.nested();
            nested.into_iter().for_each(|n| gather(&n.program, Some(&label), depth + 1, all));
        }
    }
}
