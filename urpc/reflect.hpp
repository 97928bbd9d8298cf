// The fields of a plain struct, found by the compiler: how many initialisers it takes, and a structured
// binding of that many names. So no message lists its fields twice, and none can be forgotten.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace skerry::urpc {

constexpr size_t max_fields = 12;

template <typename... T>
struct TypeList {};

struct AnyField {  // stands for an initialiser of any type
    template <typename T>
    constexpr operator T() const noexcept;
};

template <typename T, size_t... I>
consteval bool takes_initialisers(std::index_sequence<I...>) {
    return requires {
        T{(static_cast<void>(I), AnyField{})...};
    };
}
// The number of fields, or max_fields + 1 if there are more.
template <typename T, size_t N = max_fields + 1>
consteval size_t field_count() {
    if constexpr (N == 0 || takes_initialisers<T>(std::make_index_sequence<N>{}))
        return N;
    else
        return field_count<T, N - 1>();
}

// Fields by value only, no bases: what can be copied word by word and destroyed by forgetting.
template <typename T>
concept PlainStruct = std::is_class_v<T> && std::is_aggregate_v<T> && std::is_trivially_copyable_v<T> &&
    std::is_trivially_destructible_v<T>;

// Calls f(field...) with references to all fields.
template <typename T, typename F>
constexpr decltype(auto) visit_fields(T& value, F&& f) {
    constexpr size_t count = field_count<std::remove_const_t<T>>();
    static_assert(count <= max_fields, "too many fields: group some into a struct of their own");
    auto& v = value;
    if constexpr (count == 0) {
        return f();
    } else if constexpr (count == 1) {
        auto& [a] = v;
        return f(a);
    } else if constexpr (count == 2) {
        auto& [a, b] = v;
        return f(a, b);
    } else if constexpr (count == 3) {
        auto& [a, b, c] = v;
        return f(a, b, c);
    } else if constexpr (count == 4) {
        auto& [a, b, c, d] = v;
        return f(a, b, c, d);
    } else if constexpr (count == 5) {
        auto& [a, b, c, d, e] = v;
        return f(a, b, c, d, e);
    } else if constexpr (count == 6) {
        auto& [a, b, c, d, e, g] = v;
        return f(a, b, c, d, e, g);
    } else if constexpr (count == 7) {
        auto& [a, b, c, d, e, g, h] = v;
        return f(a, b, c, d, e, g, h);
    } else if constexpr (count == 8) {
        auto& [a, b, c, d, e, g, h, i] = v;
        return f(a, b, c, d, e, g, h, i);
    } else if constexpr (count == 9) {
        auto& [a, b, c, d, e, g, h, i, j] = v;
        return f(a, b, c, d, e, g, h, i, j);
    } else if constexpr (count == 10) {
        auto& [a, b, c, d, e, g, h, i, j, k] = v;
        return f(a, b, c, d, e, g, h, i, j, k);
    } else if constexpr (count == 11) {
        auto& [a, b, c, d, e, g, h, i, j, k, l] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l);
    } else {
        auto& [a, b, c, d, e, g, h, i, j, k, l, m] = v;
        return f(a, b, c, d, e, g, h, i, j, k, l, m);
    }
}

// Calls f(TypeList<field types...>{}) ; needs no object.
template <typename T, typename F>
constexpr auto fold_fields(F f) {
    using Types = decltype(visit_fields(std::declval<T&>(), []<typename... A>(A&...) { return TypeList<A...>{}; }));
    return f(Types{});
}

}  // namespace skerry::urpc
