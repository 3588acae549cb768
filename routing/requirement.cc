// SPDX-License-Identifier: Apache-2.0
// What is done with a requirement once requirement_reader.cc has read it.
#include "routing/requirement.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

using Kind = RequirementOp::Kind;
using Ops = std::vector<RequirementOp>;

// --- Canonical form.

// An expression as a tree. AND and OR have two operands or more, none of their own kind, sorted and
// each once; a NOT holds no NOT.
struct Expression {
  RequirementOp op;
  std::vector<Expression> operands;
};

// Comparisons come first, sorted by skill: they are the quickest to fail.
std::strong_ordering compare(const Expression& a, const Expression& b) {
  if (const auto order = a.op.kind <=> b.op.kind; order != 0) return order;
  if (const auto order = a.op.skill <=> b.op.skill; order != 0) return order;
  if (const auto order = a.op.level <=> b.op.level; order != 0) return order;
  return std::lexicographical_compare_three_way(a.operands.begin(), a.operands.end(),
                                                b.operands.begin(), b.operands.end(), compare);
}

void insert_once(Expression expression, std::vector<Expression>* sorted) {
  const auto it =
      std::lower_bound(sorted->begin(), sorted->end(), expression,
                       [](const Expression& a, const Expression& b) { return compare(a, b) < 0; });
  if (it == sorted->end() || compare(*it, expression) != 0) {
    sorted->insert(it, std::move(expression));
  }
}

// `expression`, or its operands if it is of the same kind.
void insert_flat(Kind kind, Expression expression, std::vector<Expression>* sorted) {
  if (expression.op.kind != kind) {
    insert_once(std::move(expression), sorted);
    return;
  }
  for (Expression& operand : expression.operands) insert_once(std::move(operand), sorted);
}

void apply_op(const RequirementOp& op, std::vector<Expression>* stack) {
  if (op.kind == Kind::kSkill) {
    stack->push_back({op, {}});
    return;
  }
  ACD_CHECK(!stack->empty());
  Expression last = std::move(stack->back());
  stack->pop_back();
  if (op.kind == Kind::kNot) {
    if (last.op.kind == Kind::kNot) {
      Expression inner = std::move(last.operands.front());
      stack->push_back(std::move(inner));
    } else {
      stack->push_back({op, {std::move(last)}});
    }
    return;
  }
  ACD_CHECK(!stack->empty());
  Expression whole{op, {}};
  insert_flat(op.kind, std::move(stack->back()), &whole.operands);
  insert_flat(op.kind, std::move(last), &whole.operands);
  if (whole.operands.size() == 1) {
    Expression only = std::move(whole.operands.front());
    stack->back() = std::move(only);
  } else {
    stack->back() = std::move(whole);
  }
}

Expression canonical(const Ops& ops) {
  std::vector<Expression> stack;
  for (const RequirementOp& op : ops) apply_op(op, &stack);
  ACD_CHECK(stack.size() == 1);
  return std::move(stack.front());
}

void compile(const Expression& expression, Ops* ops) {
  switch (expression.op.kind) {
    case Kind::kSkill:
      ops->push_back(expression.op);
      break;
    case Kind::kNot:
      compile(expression.operands.front(), ops);
      ops->push_back(expression.op);
      break;
    case Kind::kAnd:
    case Kind::kOr:
      for (size_t i = 0; i < expression.operands.size(); ++i) {
        compile(expression.operands[i], ops);
        if (i > 0) ops->push_back(expression.op);
      }
      break;
  }
}

// --- Walks.

// Calls `visit` with every comparison that asks for its skill: outside of NOT, or inside an even
// number of them. From the last to the first.
template <typename OpsType, typename Visit>
void visit_asking(OpsType& ops, Visit&& visit) {
  std::vector<bool> is_negated = {false};  // Of the operands to come.
  for (auto op = ops.rbegin(); op != ops.rend(); ++op) {
    ACD_CHECK(!is_negated.empty());
    const bool is_this_negated = is_negated.back();
    is_negated.pop_back();
    switch (op->kind) {
      case Kind::kSkill:
        if (!is_this_negated) visit(*op);
        break;
      case Kind::kNot:
        is_negated.push_back(!is_this_negated);
        break;
      case Kind::kAnd:
      case Kind::kOr:
        is_negated.insert(is_negated.end(), 2, is_this_negated);
        break;
    }
  }
}

// 0 without the skill.
uint8_t level_of(std::span<const SkillLevel> skills, SkillIndex skill) {
  const auto it =
      std::lower_bound(skills.begin(), skills.end(), skill,
                       [](const SkillLevel& a, SkillIndex wanted) { return a.skill < wanted; });
  return it != skills.end() && it->skill == skill ? it->level : uint8_t{0};
}

template <typename Skills>
bool satisfies_all(const Skills& skills, const Requirement& requirement) {
  static_assert(kRequirementTermsMax <= 64, "The operands of one term must fit the stack.");
  for (const RequirementTerm& term : requirement.terms) {
    uint64_t stack = 0;  // The top is the lowest bit.
    for (const RequirementOp& op : term.ops) {
      switch (op.kind) {
        case Kind::kSkill:
          stack = stack << 1 | static_cast<uint64_t>(level_of(skills, op.skill) >= op.level);
          break;
        case Kind::kNot:
          stack ^= 1;
          break;
        case Kind::kAnd:
          stack = stack >> 1 & (stack | ~uint64_t{1});
          break;
        case Kind::kOr:
          stack = stack >> 1 | (stack & 1);
          break;
      }
    }
    if ((stack & 1) == 0) return false;
  }
  return true;
}

// A part of an expression, written out.
struct WrittenPart {
  Kind kind;
  std::string text;
};

std::string in_parentheses(const std::string& text, bool is_needed) {
  return is_needed ? "(" + text + ")" : text;
}

WrittenPart write_part(const Ops& ops, const SkillName& name) {
  std::vector<WrittenPart> stack;
  for (const RequirementOp& op : ops) {
    if (op.kind == Kind::kSkill) {
      std::string text = op.skill.valid() ? std::string(name(op.skill)) : "?";
      if (op.level != kSkillLevelMin) text += " >= " + std::to_string(op.level);
      stack.push_back({op.kind, std::move(text)});
      continue;
    }
    ACD_CHECK(!stack.empty());
    const WrittenPart last = std::move(stack.back());
    const bool is_last_joined = last.kind == Kind::kAnd || last.kind == Kind::kOr;
    if (op.kind == Kind::kNot) {
      stack.back() = {op.kind, "NOT " + in_parentheses(last.text, is_last_joined)};
      continue;
    }
    stack.pop_back();
    ACD_CHECK(!stack.empty());
    WrittenPart& first = stack.back();
    const bool is_and = op.kind == Kind::kAnd;
    // An operand of the same kind on the right was in parentheses, on the left it is all the same.
    first.text = in_parentheses(first.text, is_and && first.kind == Kind::kOr) +
                 (is_and ? " AND " : " OR ") +
                 in_parentheses(last.text, is_and ? is_last_joined : last.kind == Kind::kOr);
    first.kind = op.kind;
  }
  ACD_CHECK(stack.size() == 1);
  return std::move(stack.front());
}

}  // namespace

bool satisfies(std::span<const SkillLevel> skills, const Requirement& requirement) {
  return satisfies_all(skills, requirement);
}

bool satisfies_packed(const SkillView& skills, const Requirement& requirement) {
  return satisfies_all(skills, requirement);
}

uint8_t level_of(std::span<const PackedSkill> skills, SkillIndex skill) {
  // Most have a few, which are counted faster than halved: no jump depends on what they are.
  constexpr size_t kFew = 16;
  auto it = skills.begin();
  if (skills.size() <= kFew) {
    ptrdiff_t before = 0;
    for (const PackedSkill one : skills) before += one.skill() < skill ? 1 : 0;
    it += before;
  } else {
    it = std::lower_bound(it, skills.end(), skill,
                          [](PackedSkill a, SkillIndex wanted) { return a.skill() < wanted; });
  }
  return it != skills.end() && it->skill() == skill ? it->level() : uint8_t{0};
}

uint8_t level_of(const SkillView& skills, SkillIndex skill) {
  const bool may_have = (skills.bits >> (skill.value() % 64) & 1) != 0;
  return may_have ? level_of(skills.skills, skill) : uint8_t{0};
}

uint64_t skill_bits(std::span<const PackedSkill> skills) {
  uint64_t bits = 0;
  for (const PackedSkill one : skills) bits |= uint64_t{1} << (one.skill().value() % 64);
  return bits;
}

uint64_t must_bits(const Requirement& requirement) {
  uint64_t bits = 0;
  for (const RequirementTerm& term : requirement.terms) {
    const RequirementOp& op = term.ops.front();
    if (term.ops.size() == 1 && op.skill.valid()) bits |= uint64_t{1} << (op.skill.value() % 64);
  }
  return bits;
}

int64_t preference(std::span<const SkillLevel> skills, const Requirement& requirement) {
  int64_t sum = 0;
  auto skill = skills.begin();
  for (const SkillWeight& weight : requirement.prefers) {
    while (skill != skills.end() && skill->skill < weight.skill) ++skill;
    if (skill == skills.end()) break;
    if (skill->skill == weight.skill) sum += int64_t{weight.weight} * skill->level;
  }
  return sum;
}

int64_t preference_packed(const SkillView& skills, const Requirement& requirement) {
  int64_t sum = 0;
  for (const SkillWeight& one : requirement.prefers) {
    sum += int64_t{one.weight} * level_of(skills, one.skill);
  }
  return sum;
}

std::vector<SkillIndex> asked_skills(const Requirement& requirement) {
  std::vector<SkillIndex> skills;
  for (const RequirementTerm& term : requirement.terms) {
    visit_asking(term.ops, [&skills](const RequirementOp& op) {
      if (op.skill.valid()) skills.push_back(op.skill);
    });
  }
  std::sort(skills.begin(), skills.end());
  skills.erase(std::unique(skills.begin(), skills.end()), skills.end());
  return skills;
}

Requirement joined(const Requirement& queue, const Requirement& call) {
  std::vector<Expression> terms;
  for (const Requirement* side : {&queue, &call}) {
    if (side == &queue && call.replaces) continue;
    for (const RequirementTerm& term : side->terms) {
      insert_flat(Kind::kAnd, canonical(term.ops), &terms);
    }
  }
  Requirement both;
  for (const Expression& term : terms) compile(term, &both.terms.emplace_back().ops);

  both.prefers = queue.prefers;
  for (const SkillWeight& weight : call.prefers) {
    const auto it = std::lower_bound(
        both.prefers.begin(), both.prefers.end(), weight,
        [](const SkillWeight& a, const SkillWeight& b) { return a.skill < b.skill; });
    if (it != both.prefers.end() && it->skill == weight.skill) {
      it->weight += weight.weight;
    } else {
      both.prefers.insert(it, weight);
    }
  }
  std::erase_if(both.prefers, [](const SkillWeight& weight) { return weight.weight == 0; });
  return both;
}

bool drop_term(Requirement* requirement, std::string_view label) {
  if (label.empty()) return false;  // Would drop every term without one.
  return std::erase_if(requirement->terms,
                       [label](const RequirementTerm& term) { return term.label == label; }) != 0;
}

bool lower_level(Requirement* requirement, SkillIndex skill, int level) {
  ACD_CHECK(level >= kSkillLevelMin && level <= kSkillLevelMax);
  bool is_found = false;
  for (RequirementTerm& term : requirement->terms) {
    visit_asking(term.ops, [&](RequirementOp& op) {
      if (op.skill != skill || op.level <= level) return;
      op.level = static_cast<uint8_t>(level);
      is_found = true;
    });
  }
  return is_found;
}

std::string to_text(const Requirement& requirement, const SkillName& name) {
  std::string text = requirement.replaces ? "REPLACE" : "";
  const bool is_alone = requirement.terms.size() == 1 && requirement.terms.front().label.empty();
  for (size_t i = 0; i < requirement.terms.size(); ++i) {
    const RequirementTerm& term = requirement.terms[i];
    if (i > 0) text += " AND";
    if (!text.empty()) text += ' ';
    if (!term.label.empty()) text += term.label + ": ";
    const WrittenPart part = write_part(term.ops, name);
    // An AND without parentheses would come back as several terms.
    text +=
        in_parentheses(part.text, part.kind == Kind::kAnd || (part.kind == Kind::kOr && !is_alone));
  }
  for (size_t i = 0; i < requirement.prefers.size(); ++i) {
    const SkillWeight& weight = requirement.prefers[i];
    if (i > 0) text += ',';
    if (i == 0) text += text.empty() ? "PREFERS" : " PREFERS";
    text += ' ';
    text += weight.skill.valid() ? name(weight.skill) : "?";
    if (weight.weight != 1) text += " * " + std::to_string(weight.weight);
  }
  return text;
}

}  // namespace acd
