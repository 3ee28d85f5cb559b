//! Control flow on numbers that are known.

use crate::dispatch::TensorBuild;
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::Result;
use rhyton_ops::Meta;
use rhyton_ops::control::{Body, Control};

fn call(body: &Body, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let mut b = TensorBuild::default();
    let values: Vec<_> = inputs.iter().map(|x| b.add(x)).collect();
    Ok(body.inline(&mut b, &values)?.into_iter().map(|v| b.get(v)).collect())
}

/// Runs a branch or a loop.
pub(crate) fn run(control: &Control, inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>> {
    match control {
        Control::Cond { branches } => {
            let index = inputs[0].item::<i32>()?.clamp(0, branches.len() as i32 - 1);
            call(&branches[index as usize], &inputs[1..])
        }
        Control::While { condition, body, carried, maximum } => {
            let mut now = inputs.to_vec();
            let mut rounds = 0;
            while maximum.is_none_or(|m| rounds < m) && call(condition, &now)?[0].item::<bool>()? {
                let next = call(body, &now)?;
                now[..*carried].clone_from_slice(&next);
                rounds += 1;
            }
            now.truncate(*carried);
            Ok(now)
        }
        Control::Scan { body, carried, scanned, length, reverse } => {
            let mut state = inputs[..*carried].to_vec();
            let slices = inputs[*carried..*carried + *scanned]
                .iter()
                .map(|x| ops::unstack(x, 0))
                .collect::<Result<Vec<_>>>()?;
            let captured = &inputs[*carried + *scanned..];
            let mut rows: Vec<Vec<Tensor>> = Vec::new();
            for round in 0..*length {
                let at = if *reverse { *length - 1 - round } else { round };
                let slice = slices.iter().map(|s| &s[at]);
                let arguments: Vec<Tensor> = state.iter().chain(slice).chain(captured).cloned().collect();
                let mut out = call(body, &arguments)?;
                let mut row = out.split_off(*carried);
                row.extend(std::mem::replace(&mut state, out));
                rows.push(row);
            }
            if *reverse {
                rows.reverse();
            }
            for (i, meta) in outputs[*carried..].iter().enumerate() {
                let column: Vec<&Tensor> = rows.iter().map(|r| &r[i]).collect();
                state.push(match column.is_empty() {
                    true => ops::zeros(meta.dims(), meta.dtype)?,
                    false => ops::stack(&column, 0)?,
                });
            }
            Ok(state)
        }
    }
}
