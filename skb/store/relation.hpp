// A set of rows of values, in the order in which they came, with hash indexes on bound columns.
//
//   rows:   0 [a b]  1 [b c]  2 [a d] ...            ids are positions; new rows come at the end
//   index of column 0:  heads[hash(a)] -> 2 -> 0     a chain runs from later rows to earlier ones
//
// So whoever walks a chain or the rows may insert meanwhile: what comes gets a greater id, and a chain that is
// rebuilt in a larger table still leads from a row to all earlier rows with the same key. Only removal disturbs.
#pragma once

#include "skb/store/value.hpp"

namespace skerry::skb {

using Columns = uint16_t;  // a bit a column
constexpr uint32_t most_columns = 12;
constexpr uint32_t no_row = UINT32_MAX;

class Relation {
  public:
    explicit Relation(uint32_t arity = 0) : arity_(arity) {}

    uint32_t arity() const { return arity_; }
    uint32_t size() const { return size_; }
    const Value* row(uint32_t id) const { return rows_.data() + size_t{id} * arity_; }
    // True if it is new. Errors: no_memory.
    Result<bool> insert(Pool& pool, const Value* row);
    // Its id, or no_row.
    uint32_t find(const Value* row) const;
    // The last row takes the place of the removed one.
    void remove(uint32_t id);
    void free(Pool& pool);

    // A walk over rows with given values in some columns, from `below` downwards.
    class Index;
    // Made when first asked for; all rows are in it. Errors: no_memory.
    Result<Index*> index(Pool& pool, Columns columns);
    // The last row before `below` whose columns have the values of `key` (as wide as a row), or no_row.
    uint32_t last(const Index& index, const Value* key, uint32_t below) const;

  private:
    uint64_t hash(const Value* row, Columns columns) const;
    bool equal(const Value* one, const Value* other, Columns columns) const;
    bool extend(Pool& pool, Index& index);
    void link(Index& index, uint32_t id);
    void unlink(Index& index, uint32_t id);
    uint32_t from(const Index& index, uint32_t at, const Value* key, uint32_t below) const;

    uint32_t arity_, size_ = 0;
    Growing<Value> rows_;
    Index* indexes_ = nullptr;  // the first has all columns and is kept up to date: it keeps rows unique

    friend class Index;

  public:
    // The next row after `id` in the walk of last().
    uint32_t next(const Index& index, const Value* key, uint32_t id) const;
};

class Relation::Index {
  public:
    Columns columns() const { return columns_; }

  private:
    friend class Relation;
    Columns columns_;
    Index* following_;
    uint32_t upto_;            // rows below are in
    Growing<uint32_t> heads_;  // a power of two
    Growing<uint32_t> nexts_;  // by row
};

}  // namespace skerry::skb
