//! Which group needs which, and quick answers to whether one needs another through others.

use std::collections::BTreeSet;

/// Who needs whom; never in a circle.
///
/// Every member has a level above the levels of all that it needs, so a search for a member passes over all that
/// stand no higher than it: what it costs does not grow with the graph.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    needs: Vec<BTreeSet<usize>>,
    users: Vec<BTreeSet<usize>>,
    level: Vec<usize>,
    /// The last search that came by.
    seen: Vec<usize>,
    searches: usize,
}

impl Needs {
    /// Another member, which needs nothing yet. Gives its number.
    pub fn push(&mut self) -> usize {
        self.needs.push(BTreeSet::new());
        self.users.push(BTreeSet::new());
        self.level.push(0);
        self.seen.push(0);
        self.needs.len() - 1
    }

    /// What a member needs directly.
    pub fn of(&self, member: usize) -> &BTreeSet<usize> {
        &self.needs[member]
    }

    /// Who needs a member directly.
    pub fn users(&self, member: usize) -> &BTreeSet<usize> {
        &self.users[member]
    }

    /// From now on `member` needs `other`, which must not need it.
    pub fn add(&mut self, member: usize, other: usize) {
        if self.needs[member].insert(other) {
            self.users[other].insert(member);
            self.lift(member, self.level[other] + 1);
        }
    }

    /// Puts a member on a level at least, and those that need it above.
    fn lift(&mut self, member: usize, level: usize) {
        let mut stack = vec![(member, level)];
        while let Some((member, level)) = stack.pop() {
            if self.level[member] < level {
                self.level[member] = level;
                stack.extend(self.users[member].iter().map(|&u| (u, level + 1)));
            }
        }
    }

    /// Makes one of two members that do not need each other: all that concerned `gone` concerns `keep` from now on.
    pub fn merge(&mut self, keep: usize, gone: usize) {
        for other in std::mem::take(&mut self.needs[gone]) {
            self.users[other].remove(&gone);
            self.add(keep, other);
        }
        for user in std::mem::take(&mut self.users[gone]) {
            self.needs[user].remove(&gone);
            self.add(user, keep);
        }
    }

    /// Whether `from` needs `on`, directly or through others, or is it.
    pub fn reaches(&mut self, from: usize, on: usize) -> bool {
        if from == on {
            return true;
        }
        // New members stand on the lowest level, from where nothing would bound a search.
        if self.users[on].is_empty() {
            return false;
        }
        self.searches += 1;
        let mut stack = vec![from];
        while let Some(member) = stack.pop() {
            if self.level[member] <= self.level[on]
                || std::mem::replace(&mut self.seen[member], self.searches) == self.searches
            {
                continue;
            }
            if self.needs[member].contains(&on) {
                return true;
            }
            // The lowest next: where there is a way, it is the nearest to it.
            let behind = stack.len();
            stack.extend(&self.needs[member]);
            stack[behind..].sort_unstable_by_key(|&m| std::cmp::Reverse(self.level[m]));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by going everywhere.
    fn slowly(needs: &Needs, from: usize, on: usize) -> bool {
        from == on || needs.of(from).iter().any(|&n| slowly(needs, n, on))
    }

    #[test]
    fn answers_are_those_of_a_whole_search() {
        let mut g = rhyton_runtime::Generator::new(1);
        for _ in 0..200 {
            let mut needs = Needs::default();
            (0..14).for_each(|_| {
                needs.push();
            });
            let mut gone = Vec::new();
            for _ in 0..24 {
                let (a, b) = (g.below(14), g.below(14));
                if gone.contains(&a) || gone.contains(&b) || slowly(&needs, b, a) {
                    continue;
                }
                match g.below(4) {
                    0 if !slowly(&needs, a, b) => {
                        needs.merge(a, b);
                        gone.push(b);
                    }
                    _ => needs.add(a, b),
                }
            }
            for a in 0..14 {
                for b in 0..14 {
                    assert_eq!(needs.reaches(a, b), slowly(&needs, a, b), "{a} {b} {needs:?}");
                }
                assert!(needs.of(a).iter().all(|&n| needs.users(n).contains(&a)));
            }
        }
    }
}
