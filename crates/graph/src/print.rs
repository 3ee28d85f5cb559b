//! Graphs as text.

use crate::function::Function;
use crate::graph::{Def, Graph};
use rhyton_ops::Value;
use std::fmt;

impl Graph {
    fn name(&self, v: Value) -> String {
        match self.def(v) {
            Def::Input(i) => format!("%in{i}"),
            Def::State(i) => format!("@{}", self.states[*i].variable.name()),
            Def::Constant(x) if x.is_concrete_scalar() => {
                crate::plan::scalar_of(x).map_or("const".into(), |c| format!("{c}"))
            }
            Def::Constant(x) => format!("const {}", x.meta()),
            Def::Op { .. } => format!("%{}", v.0),
        }
    }
}

/// One line an operation: `%5 = matmul(%in0, @kernel): float32(128, 512)`.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &v) in self.inputs.iter().enumerate() {
            writeln!(f, "%in{i}: {}", self.meta_of(v))?;
        }
        for node in &self.nodes {
            let outputs: Vec<String> = node.outputs.iter().map(|&v| self.name(v)).collect();
            let inputs: Vec<String> = node.inputs.iter().map(|&v| self.name(v)).collect();
            let text = format!("{:?}", node.op);
            let attributes = text.find(' ').map(|at| &text[at..]).unwrap_or("");
            let meta = self.meta_of(node.outputs[0]);
            writeln!(
                f,
                "{} = {}({}){attributes}: {meta}",
                outputs.join(", "),
                node.op.name(),
                inputs.join(", ")
            )?;
        }
        for s in self.states.iter().filter(|s| s.after != s.before) {
            writeln!(f, "{} <- {}", self.name(s.before), self.name(s.after))?;
        }
        let outputs: Vec<String> = self.outputs.iter().map(|&v| self.name(v)).collect();
        writeln!(f, "return {}", outputs.join(", "))
    }
}

/// The graph, then the kernels it was made into.
impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.graph())?;
        writeln!(f, "{} kernels, {} bytes of working memory:", self.kernels().len(), self.working_memory())?;
        self.kernels().iter().try_for_each(|k| writeln!(f, "  {:1$}{k}", "", 2 * k.depth))
    }
}
