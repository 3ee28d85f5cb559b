//! The machine: a stack of values, a memory of small ones, and the steps.

use super::{Global, Value, arrays};
use rhyton_base::{Error, Result};
use std::collections::HashMap;

/// How deep lists, tuples and dictionaries may be inside of each other.
const MAX_DEPTH: u8 = 32;
/// How many values other than whole numbers in lists there may be.
const MAX_VALUES: usize = 1 << 22;

/// What stands at a place of the stack, and how deep it is nested.
struct Item<'a> {
    value: Value<'a>,
    depth: u8,
}

/// What the memory keeps: small values, so that referring to them costs nothing. `None` stands for all others.
type Memo<'a> = HashMap<u32, Option<Value<'a>>>;

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Item<'a>>,
    /// Where on the stack each open mark lies.
    marks: Vec<usize>,
    memo: Memo<'a>,
    values: usize,
}

/// Runs a pickle to its end.
pub(super) fn run(bytes: &[u8]) -> Result<Value<'_>> {
    let mut machine =
        Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), values: 0 };
    if bytes.first() != Some(&0x80) {
        return Err(Error::format("not a pickle of protocol 2 or later; check what wrote the file"));
    }
    while machine.step()? {}
    let value = machine.pop()?;
    match (machine.stack.len(), machine.marks.len()) {
        (0, 0) => Ok(value),
        _ => Err(damaged("the end before everything was put together", machine.at)),
    }
}

impl<'a> Machine<'a> {
    /// One step; `false` after the last.
    fn step(&mut self) -> Result<bool> {
        let start = self.at;
        match self.u8()? {
            // PROTO, FRAME: how it was written.
            0x80 => match self.u8()? {
                2..=4 => {}
                n => {
                    return Err(Error::unsupported(format!(
                        "pickle protocol {n}; expected 2 to 4, save it again with pickle.dumps(.., protocol=4)"
                    )));
                }
            },
            0x95 => drop(self.take(8)?),
            b'.' => return Ok(false),
            b'(' => {
                if !self.run_of_ints() {
                    self.count()?;
                    self.marks.push(self.stack.len());
                }
            }
            b'0' => drop(self.pop()?),
            // Numbers and constants.
            b'N' => self.push(Value::None)?,
            0x88 => self.push(Value::Bool(true))?,
            0x89 => self.push(Value::Bool(false))?,
            b'K' => {
                let n = self.u8()?;
                self.push(Value::Int(n.into()))?;
            }
            b'M' => {
                let n = u16::from_le_bytes(self.array()?);
                self.push(Value::Int(n.into()))?;
            }
            b'J' => {
                let n = i32::from_le_bytes(self.array()?);
                self.push(Value::Int(n.into()))?;
            }
            0x8A => {
                let size = usize::from(self.u8()?);
                let long = arrays::long(self.take(size)?)?;
                self.push(Value::Int(long))?;
            }
            b'G' => {
                let x = f64::from_be_bytes(self.array()?);
                self.push(Value::Float(x))?;
            }
            // Bytes and texts, their lengths in one, four or eight bytes.
            b'U' | b'C' => self.sized_bytes(1)?,
            b'T' | b'B' => self.sized_bytes(4)?,
            0x8E => self.sized_bytes(8)?,
            0x8C => self.sized_text(1)?,
            b'X' => self.sized_text(4)?,
            0x8D => self.sized_text(8)?,
            // Containers.
            b']' => self.push(Value::Ints(Vec::new()))?,
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b')' => self.push(Value::Tuple(Vec::new()))?,
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b't' => {
                let count = self.above_mark()?;
                self.tuple(count)?;
            }
            b'a' => self.append(1)?,
            b'e' => {
                let count = self.above_mark()?;
                self.append(count)?;
            }
            b's' => self.set_items(2)?,
            b'u' => {
                let count = self.above_mark()?;
                self.set_items(count)?;
            }
            // The memory.
            b'q' => {
                let key = self.u8()?;
                self.keep(key.into())?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.keep(key)?;
            }
            0x94 => self.keep(self.memo.len() as u32)?,
            b'h' => {
                let key = self.u8()?;
                self.recall(key.into())?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
            // The three names, and what is done with them.
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Global(global(module, name)?))?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(damaged("a name that is no text", start));
                };
                self.push(Value::Global(global(module, name)?))?;
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.push(arrays::reduce(function, arguments)?)?;
            }
            b'b' => {
                let state = self.pop_item()?;
                let value = self.pop()?;
                self.push_deep(arrays::build(value, state.value)?, state.depth + 1)?;
            }
            other => {
                return Err(Error::unsupported(format!(
                    "step 0x{other:02x} at byte {start} is not one that data is made with; the file is damaged or of \
                     another kind, get it again from where it is published"
                )));
            }
        }
        Ok(true)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or_else(|| {
            Error::format(format!(
                "expected {count} bytes at byte {}, received {}; the file is truncated",
                self.at,
                rest.len()
            ))
        })?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("take gives what was asked"))
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// Up to the next line feed, which is left out.
    fn line(&mut self) -> Result<&'a str> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().take(256).position(|b| *b == b'\n');
        let line = end.and_then(|end| std::str::from_utf8(&rest[..end]).ok());
        let line = line.ok_or_else(|| damaged("a name without an end", self.at))?;
        self.at += line.len() + 1;
        Ok(line)
    }

    fn sized(&mut self, width: usize) -> Result<&'a [u8]> {
        let mut size = [0; 8];
        size[..width].copy_from_slice(self.take(width)?);
        // What does not fit into the memory of this machine is longer than the file.
        self.take(usize::try_from(u64::from_le_bytes(size)).unwrap_or(usize::MAX))
    }

    fn sized_bytes(&mut self, width: usize) -> Result<()> {
        let bytes = self.sized(width)?;
        self.push(Value::Bytes(bytes))
    }

    fn sized_text(&mut self, width: usize) -> Result<()> {
        let start = self.at;
        let bytes = self.sized(width)?;
        let text = std::str::from_utf8(bytes).map_err(|_| damaged("a text that is not UTF-8", start))?;
        self.push(Value::Text(text))
    }

    fn count(&mut self) -> Result<()> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::unsupported(format!(
                "more than {MAX_VALUES} values that are not whole numbers in lists; no data set of lists or pictures has \
                 so many"
            )));
        }
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) -> Result<()> {
        self.push_deep(value, 0)
    }

    fn push_deep(&mut self, value: Value<'a>, depth: u8) -> Result<()> {
        self.count()?;
        if depth > MAX_DEPTH {
            return Err(Error::unsupported(format!("more than {MAX_DEPTH} lists inside of each other")));
        }
        self.stack.push(Item { value, depth });
        Ok(())
    }

    /// The topmost value, which must lie above the last mark.
    fn pop_item(&mut self) -> Result<Item<'a>> {
        let above = self.stack.len() > self.marks.last().copied().unwrap_or(0);
        let item = if above { self.stack.pop() } else { None };
        item.ok_or_else(|| damaged("nothing to take from the stack", self.at))
    }

    fn pop(&mut self) -> Result<Value<'a>> {
        Ok(self.pop_item()?.value)
    }

    /// How many values lie above the last mark, which is taken away.
    fn above_mark(&mut self) -> Result<usize> {
        let mark = self.marks.pop().ok_or_else(|| damaged("an end without a beginning", self.at))?;
        Ok(self.stack.len() - mark)
    }

    /// The topmost values and how deep what holds them is.
    fn top(&mut self, count: usize) -> Result<(Vec<Value<'a>>, u8)> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let start = self.stack.len().checked_sub(count).filter(|s| *s >= floor);
        let start = start.ok_or_else(|| damaged("too few values on the stack", self.at))?;
        let depth = self.stack[start..].iter().map(|i| i.depth).max().unwrap_or(0) + 1;
        Ok((self.stack.drain(start..).map(|i| i.value).collect(), depth))
    }

    fn tuple(&mut self, count: usize) -> Result<()> {
        let (values, depth) = self.top(count)?;
        self.push_deep(Value::Tuple(values), depth)
    }

    /// The container that the values above it go into, now one deeper than they are.
    fn container(&mut self, depth: u8) -> Result<&mut Value<'a>> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let at = self.at;
        let item = self.stack[floor..].last_mut().ok_or_else(|| damaged("values without a list", at))?;
        item.depth = item.depth.max(depth);
        if item.depth > MAX_DEPTH {
            return Err(Error::unsupported(format!("more than {MAX_DEPTH} lists inside of each other")));
        }
        Ok(&mut item.value)
    }

    fn append(&mut self, count: usize) -> Result<()> {
        let (values, depth) = self.top(count)?;
        let at = self.at;
        let list = self.container(depth)?;
        if let Value::Ints(ints) = list {
            let whole = |v: &Value| match v {
                Value::Int(n) => i32::try_from(*n).ok(),
                _ => None,
            };
            if let Some(more) = values.iter().map(whole).collect::<Option<Vec<i32>>>() {
                ints.extend(more);
                return Ok(());
            }
            let before = std::mem::take(ints);
            *list = Value::List(before.into_iter().map(|n| Value::Int(n.into())).collect());
        }
        let Value::List(list) = list else { return Err(damaged("values for what is no list", at)) };
        list.extend(values);
        // Whole numbers that became values of a list.
        self.values += count;
        self.count()
    }

    fn set_items(&mut self, count: usize) -> Result<()> {
        let (values, depth) = self.top(count)?;
        let at = self.at;
        let Value::Dict(items) = self.container(depth)? else {
            return Err(damaged("items for what is no dictionary", at));
        };
        let mut values = values.into_iter();
        while let Some(key) = values.next() {
            let value = values.next().ok_or_else(|| damaged("a key without a value", at))?;
            items.push((key, value));
        }
        Ok(())
    }

    /// After a mark: whole numbers for the list below, up to their end, without the stack. `false`, and nothing done,
    /// where anything else comes.
    fn run_of_ints(&mut self) -> bool {
        let floor = self.marks.last().copied().unwrap_or(0);
        let Some(Item { value: Value::Ints(ints), depth }) = self.stack[floor..].last_mut() else {
            return false;
        };
        let before = ints.len();
        let mut rest = &self.bytes[self.at..];
        loop {
            let (n, left) = match rest {
                [b'K', n, left @ ..] => (i32::from(*n), left),
                [b'M', a, b, left @ ..] => (i32::from(u16::from_le_bytes([*a, *b])), left),
                [b'J', a, b, c, d, left @ ..] => (i32::from_le_bytes([*a, *b, *c, *d]), left),
                [b'e', left @ ..] => {
                    *depth = (*depth).max(1);
                    self.at = self.bytes.len() - left.len();
                    return true;
                }
                _ => {
                    ints.truncate(before);
                    return false;
                }
            };
            ints.push(n);
            rest = left;
        }
    }

    fn keep(&mut self, key: u32) -> Result<()> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let top = self.stack[floor..].last().ok_or_else(|| damaged("nothing to remember", self.at))?;
        let small = match &top.value {
            v @ (Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_)) => Some(v.clone()),
            v @ (Value::Bytes(_) | Value::Text(_) | Value::Global(_) | Value::DType(_)) => Some(v.clone()),
            Value::Tuple(values) if values.is_empty() => Some(Value::Tuple(Vec::new())),
            _ => None,
        };
        if self.memo.insert(key, small).is_none() {
            self.count()?;
        }
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<()> {
        match self.memo.get(&key) {
            Some(Some(value)) => self.push(value.clone()),
            Some(None) => Err(Error::unsupported(
                "the pickle refers to a list, tuple, dictionary or array twice, which no data set does",
            )),
            None => Err(damaged("a reference to nothing", self.at)),
        }
    }
}

fn global(module: &str, name: &str) -> Result<Global> {
    match (module, name) {
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Ok(Global::Reconstruct),
        ("numpy", "ndarray") => Ok(Global::NdArray),
        ("numpy", "dtype") => Ok(Global::DType),
        _ => Err(Error::unsupported(format!(
            "the pickle asks for {module}.{name}, which no data needs and which is not run; the file is damaged or \
             hostile, get it again from where it is published"
        ))),
    }
}

fn damaged(what: &str, at: usize) -> Error {
    Error::format(format!("{what} at byte {at}; the pickle is damaged, get the file again"))
}
