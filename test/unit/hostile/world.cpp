#include "test/unit/hostile/world.hpp"

namespace skerry::test {

using hostile::Stage;
using hostile::Trap;

namespace {
const CapRef bank{well_known::ram_cnode, 0};
// In a domain's block. The rest, from `play` on, is the RAM that it plays with.
constexpr uint64_t cnode0_at = 0, cnode1_at = 16384, frame_at = 32768, root_at = 49152, vspace_at = 53248,
                   dispatcher_at = 57344, endpoint_at = 61440, play_at = 65536;
// The guardian's slots of a domain.
enum : uint32_t { block, root, dispatcher, frame, vspace, endpoint, notify, play, peer };
}  // namespace

HostileWorld::HostileWorld(platform::Arena& arena, uint32_t core, uint64_t base, uint64_t size, uint64_t seed)
    : driver(arena, core, base, size), random_(seed), seed_(seed) {
    must(driver.boot().error(), "boot");
    guardian_ = driver.core.current();
    wild_.emplace(*this, Stage{.ram_bytes = 1 << 20, .peers = 0}, seed ^ 0x77);
    before_ = check.counts();
    for (uint32_t i = 0; i < domains; i++) build(i);
    guardian_sleeps();
}

Error HostileWorld::until_done(CNodeOperation operation, CapRef ref) {
    Error error = Error::again;
    for (uint32_t i = 0; error == Error::again; i++) {
        expect(i < 1'000'000, "it never ends");
        error = driver.invoke(well_known::root_cnode, operation, {ref.word}).error;
    }
    return error;
}

void HostileWorld::build(uint32_t i) {
    CapRef b = slot(i, block);
    uint64_t at = base::round_up(driver.identify(bank).base, block_bytes) - driver.identify(bank).base;
    must(driver.retype(b, bank, Type::ram, at + i * block_bytes, block_bytes), "block");
    must(driver.retype(slot(i, root), b, Type::cnode, root_at, 4096), "root CNode");
    must(driver.retype(slot(i, frame), b, Type::frame, frame_at, 16384), "frame");
    must(driver.retype(slot(i, vspace), b, Type::vnode, vspace_at, 4096, 4), "root VNode");
    must(driver.retype(slot(i, dispatcher), b, Type::dispatcher, dispatcher_at, 4096), "dispatcher");
    must(driver.retype(slot(i, endpoint), b, Type::endpoint, endpoint_at, 4096), "endpoint");
    must(driver.retype(slot(i, play), b, Type::ram, play_at, block_bytes - play_at), "play RAM");
    for (auto [index, offset] : {std::pair{0u, cnode0_at}, {Stage::playground, cnode1_at}}) {
        must(driver
                 .invoke(slot(i, root), CNodeOperation::retype,
                         {CapRef::root_slot(index).word, b.word, uint64_t(Type::cnode), offset, second_level_size, 1})
                 .error,
             "second level");
    }
    must(driver.invoke(slot(i, dispatcher), DispatcherOperation::make_notify, {slot(i, notify).word}).error, "notify");
    auto mint = [&](CapRef to, CapRef from, uint64_t badge) {
        must(driver.invoke(well_known::root_cnode, CNodeOperation::mint, {to.word, from.word, 0xff, badge}).error,
             "mint");
    };
    mint(slot(i, peer), slot(i, endpoint), 100 + i);
    uint64_t peers = 0;
    for (uint32_t other = 0; other < domains; other++) {
        if (driver.identify(slot(other, peer)).type == Type::endpoint) peers++;
    }
    fill_space(i, slot(i, root), peers);
    must(driver
             .invoke(slot(i, dispatcher), DispatcherOperation::configure,
                     {slot(i, root).word, slot(i, vspace).word, slot(i, frame).word, 0x600000,
                      well_known::self_endpoint.word})
             .error,
         "configure");
    must(driver.invoke(slot(i, dispatcher), DispatcherOperation::bind, {slot(i, endpoint).word, 0}).error, "bind");
    Domain& domain = domain_[i];
    domain.object = cpudriver::Dispatcher::at(driver.memory(driver.identify(slot(i, dispatcher)).base));
    DispatcherPage& page = domain.object->shared();
    for (uint64_t& entry : page.entry) entry = 0x401000;
    page.upcall_stack = 0x500000;
    page.receive_slot = CapRef{Stage::playground, 200}.word;
    must(driver.invoke(slot(i, dispatcher), DispatcherOperation::start).error, "start");
    Stage stage{
        .ram_bytes = block_bytes - play_at, .peers = static_cast<uint32_t>(peers), .remote = remote_.has_value()};
    domain.player.emplace(*this, stage, seed_ + ++lives_);
    domain.ends_at = steps_ + life + random_.below(life);
}

void HostileWorld::fill_space(uint32_t i, CapRef space, uint64_t peers) {
    auto give = [&](CapRef to, CapRef from) {
        must(driver.invoke(space, CNodeOperation::copy, {to.word, from.word}).error, "give");
    };
    give(well_known::root_cnode, slot(i, root));
    give(well_known::dispatcher, slot(i, dispatcher));
    give(well_known::dispatcher_frame, slot(i, frame));
    give(well_known::vspace_root, slot(i, vspace));
    give(well_known::self_endpoint, slot(i, endpoint));
    give(well_known::self_notify, slot(i, notify));
    give(well_known::performance_counter, well_known::performance_counter);
    must(driver
             .invoke(space, CNodeOperation::mint,
                     {well_known::kernel.word, well_known::kernel.word, uint64_t(Rights::read), 0})
             .error,
         "kernel to look at");
    // Eight vectors each: a part, so that it is taken back without harm.
    if (driver.identify(slot(i, 9)).empty()) {
        must(driver.retype(slot(i, 9), well_known::interrupt, Type::interrupt, i * 8, 8), "vectors");
    }
    give(well_known::interrupt, slot(i, 9));
    give(Stage::ram(), slot(i, play));
    if (remote_) give_remote(space);
    uint32_t n = 0;
    for (uint32_t other = 0; other < domains && n < peers; other++) {
        if (driver.identify(slot(other, peer)).type == Type::endpoint) {
            // Without the right to revoke: a domain may end itself, not another.
            must(driver
                     .invoke(
                         space, CNodeOperation::mint,
                         {Stage::peer(n++).word, slot(other, peer).word, uint64_t(Rights::send | Rights::transfer), 0})
                     .error,
                 "peer");
        }
    }
}

void HostileWorld::meet(HostileWorld& other) {
    guardian_runs();
    other.guardian_runs();
    // Behind the blocks of its domains.
    const CapRef frame{0, 60};
    uint64_t end = other.driver.identify(bank).size;
    must(other.driver.retype(frame, bank, Type::frame, end - 65536, 65536), "a frame to share");
    remote_ = {other.driver.identify(well_known::self_notify), other.driver.identify(frame)};
    (*remote_)[1].rights = Rights::read | Rights::write | Rights::transfer | Rights::revoke;
    other.before_[static_cast<size_t>(Type::frame)]++;
    guardian_sleeps();
    other.guardian_sleeps();
}

void HostileWorld::give_remote(CapRef space) {
    const CapRef to[] = {Stage::remote_notify, Stage::remote_frame};
    for (size_t n = 0; n < remote_->size(); n++) {
        const CapRef here{0, 61};
        uint64_t words[4];
        std::memcpy(words, &(*remote_)[n], sizeof words);
        must(driver
                 .invoke(well_known::kernel, KernelOperation::create,
                         {here.word, words[0], words[1], words[2], words[3]})
                 .error,
             "from another core");
        must(driver.invoke(space, CNodeOperation::move, {to[n].word, here.word}).error, "move");
    }
}

void HostileWorld::tear_down(uint32_t i) {
    Domain& domain = domain_[i];
    if (!domain.player) return;
    past_.add(domain.player->tally());
    domain.player.reset();
    must(until_done(CNodeOperation::revoke, slot(i, block)), "revoke");
    for (uint32_t s : {uint32_t{block}, uint32_t{notify}, 9u}) {
        if (s == 9) (void)until_done(CNodeOperation::revoke, slot(i, s));
        must(until_done(CNodeOperation::delete_, slot(i, s)), "delete");
    }
    domain.object = nullptr;
}

// A poke lets the guardian run within its share, whatever the others do.
void HostileWorld::guardian_runs() {
    uint32_t index = guardian_->notify_index;
    driver.machine.poke_words(driver.core.id().value)[index / 64] |= uint64_t{1} << index % 64;
    (void)driver.core.poke_interrupt();
    for (uint32_t i = 0; driver.core.current() != guardian_; i++) {
        expect(i < 10'000, "the guardian does not get its turn");
        driver.machine.time += 10'000;
        if (driver.core.current() == nullptr || random_.one_in(4)) {
            driver.machine.armed = 0;
            (void)driver.core.timer_interrupt();
        } else {
            driver.call(SystemCall::yield, {});
        }
    }
}

void HostileWorld::guardian_sleeps() {
    for (uint32_t i = 0; driver.core.current() == guardian_; i++) {
        expect(i < 100, "the guardian cannot sleep");
        driver.call(SystemCall::wait, {0});
    }
}

void HostileWorld::deliver_pokes() {
    driver.machine.poked.clear();
    (void)driver.core.poke_interrupt();
}

void HostileWorld::idle() {
    uint64_t most = driver.machine.time + 1'000'000;
    driver.machine.time =
        driver.machine.armed != 0 ? std::min(std::max(driver.machine.time, driver.machine.armed), most) : most;
    if (random_.one_in(3)) {
        for (Domain& domain : domain_) {
            if (domain.object == nullptr || domain.object->notify_index == cpudriver::no_notify) continue;
            uint32_t index = domain.object->notify_index;
            driver.machine.poke_words(driver.core.id().value)[index / 64] |= uint64_t{1} << index % 64;
        }
        deliver_pokes();
    } else {
        driver.machine.armed = 0;
        (void)driver.core.timer_interrupt();
    }
}

// Between two calls of a program.
void HostileWorld::hardware() {
    driver.machine.time += random_.below(5'000);
    if (random_.one_in(50'000)) driver.machine.time += 30'000'000'000;  // a long time without an interrupt
    driver.live.ip = 0x400000 + random_.below(0x10000);
    driver.live.sp = random_.one_in(100) ? random_.awkward() : 0x700000;
    driver.machine.extended = random_.next();
    DispatcherPage& page = driver.core.current()->shared();
    page.disabled = random_.one_in(100);
    if (driver.machine.armed != 0 && driver.machine.armed <= driver.machine.time) {
        driver.machine.armed = 0;
        (void)driver.core.timer_interrupt();
        return;
    }
    if (random_.one_in(30))
        deliver_pokes();
    else if (random_.one_in(100))
        (void)driver.core.device_interrupt(static_cast<uint32_t>(random_.below(256)));
    else if (random_.one_in(100))
        (void)driver.core.page_fault(random_.awkward(), uint64_t{1} << random_.below(3));
    else if (random_.one_in(200))
        (void)driver.core.exception(static_cast<uint32_t>(random_.below(32)), random_.next());
}

hostile::Player& HostileWorld::who_runs() {
    for (Domain& domain : domain_) {
        if (domain.object == driver.core.current()) return *domain.player;
    }
    return *wild_;
}

bool HostileWorld::alive(const Domain& domain) {
    uint64_t object = static_cast<uint64_t>(reinterpret_cast<std::byte*>(domain.object) - driver.arena_->memory);
    if (check.tree().find_object(Type::dispatcher, object) == nullptr) return false;
    return domain.object->runnable() || domain.object->state == DispatcherState::blocked;
}

void HostileWorld::step() {
    steps_++;
    if (steps_ % 64 == 0) {
        for (uint32_t i = 0; i < domains; i++) {
            if (steps_ < domain_[i].ends_at && alive(domain_[i])) continue;
            guardian_runs();
            tear_down(i);
            build(i);
            guardian_sleeps();
        }
    }
    if (driver.core.current() == nullptr) return idle();
    if (driver.core.current() == guardian_) return guardian_sleeps();
    hardware();
    if (driver.core.current() == guardian_) return guardian_sleeps();
    if (driver.core.current() != nullptr) who_runs().step();
}

hostile::Answer HostileWorld::trap(const Trap& trap) {
    cpudriver::Dispatcher* caller = driver.core.current();
    if (caller == nullptr || caller == guardian_) return {};  // the last call of this step took the core away
    driver.live.number = trap.number;
    std::memcpy(driver.live.argument_word, trap.word, sizeof driver.live.argument_word);
    std::memcpy(driver.live.message, trap.word + 2, sizeof driver.live.message);
    driver.live.error = 99;
    uint64_t at = driver.live.ip;
    driver.last_exit = driver.core.system_call();
    hostile::Answer answer;
    answer.known = driver.core.current() == caller && driver.live.ip == at && driver.live.error != 99;
    if (!answer.known) return answer;
    answer.error = static_cast<Error>(driver.live.error);
    std::memcpy(answer.value, driver.live.value, sizeof answer.value);
    return answer;
}

void HostileWorld::scribble(uint64_t offset, uint64_t value) {
    cpudriver::Dispatcher* caller = driver.core.current();
    if (caller != nullptr && caller != guardian_) std::memcpy(caller->area(offset), &value, sizeof value);
}

hostile::Tally HostileWorld::tally() const {
    hostile::Tally sum = past_;
    sum.add(wild_->tally());
    for (const Domain& domain : domain_) {
        if (domain.player) sum.add(domain.player->tally());
    }
    return sum;
}

void HostileWorld::finish() {
    guardian_runs();
    for (uint32_t i = 0; i < domains; i++) tear_down(i);
    check.all();
    std::array<uint64_t, type_count> after = check.counts();
    for (size_t type = 0; type < type_count; type++) {
        expect(after[type] == before_[type], capabilities::type_table[type].name);
    }
}

}  // namespace skerry::test
