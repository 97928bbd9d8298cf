#include "cpudriver/schedule/best_effort.hpp"

namespace skerry::cpudriver {

namespace {

// Virtual time for `ns` of service, rounded up: rounding never makes a gain.
uint64_t scaled(const Schedulable& task, uint64_t ns) {
    SKERRY_ASSERT(task.weight > 0);
    return ns / task.weight + (ns % task.weight != 0);
}

// Up to where in virtual time the task has been served.
uint64_t position(const Schedulable& task) {
    uint64_t ahead = task.slice_left / task.weight;
    return task.virtual_deadline > ahead ? task.virtual_deadline - ahead : 0;
}

}  // namespace

void BestEffort::enter(Schedulable& task) {
    SKERRY_ASSERT(task.weight > 0 && task.weight <= largest_weight);
    if (position(task) <= virtual_time_) {
        task.slice_left = slice;
        // One less: who wakes up goes before all that spin in step with the same deadline.
        task.virtual_deadline = later(virtual_time_, scaled(task, slice) - 1);
    }
    SKERRY_ASSERT(task.slice_left > 0 && task.virtual_deadline >= virtual_time_);
    ready_.insert(task);
    advance();
}

void BestEffort::leave(Schedulable& task) {
    ready_.remove(task);
    advance();
}

void BestEffort::charge(Schedulable& task, uint64_t elapsed_ns) {
    if (elapsed_ns < task.slice_left) {
        task.slice_left -= elapsed_ns;
        return;
    }
    uint64_t over = elapsed_ns - task.slice_left;
    postpone(task, over < slice ? slice - over : 1);
}

void BestEffort::yield(Schedulable& task) {
    postpone(task, slice);
}

void BestEffort::postpone(Schedulable& task, uint64_t left) {
    SKERRY_ASSERT(left > 0 && left <= slice);
    ready_.remove(task);
    task.virtual_deadline = later(task.virtual_deadline, scaled(task, slice));
    task.slice_left = left;
    ready_.insert(task);
    advance();
}

void BestEffort::set_weight(Schedulable& task, uint32_t weight) {
    SKERRY_ASSERT(weight > 0 && weight <= largest_weight);
    SKERRY_ASSERT(task.run_link.parent == nullptr);
    uint64_t at = task.weight == 0 ? 0 : position(task);
    task.weight = weight;
    task.virtual_deadline = later(at, scaled(task, task.slice_left));
}

void BestEffort::advance() {
    const Schedulable* task = ready_.first();
    if (task == nullptr) return;
    uint64_t length = scaled(*task, slice);
    uint64_t begin = task->virtual_deadline > length ? task->virtual_deadline - length : 0;
    if (begin > virtual_time_) virtual_time_ = begin;
    SKERRY_ASSERT(virtual_time_ <= task->virtual_deadline);
}

}  // namespace skerry::cpudriver
