// What the host knows of each kernel: a way to call it with pointers to its arguments, as
// cuLaunchKernel does, and its parameters' types.
#pragma once

namespace cuda_host {
struct Type {
    int pointer;       // whether the parameter is a pointer
    const char* code;  // NumPy's kind and size of the value or of what it points to
    size_t size;       // bytes that the kernel reads
};
struct Kernel {
    const char* name;
    void (*body)(void** arguments);
    const Type* types;
    int count, waits;
};
extern const Kernel kernels[];

template <class T> struct Code { static constexpr const char* text = ""; };  // a structure
#define CUDA_HOST_CODE(T, code) \
    template <> struct Code<T> { static constexpr const char* text = code; };
CUDA_HOST_CODE(bool, "b1")
CUDA_HOST_CODE(signed char, "i1")
CUDA_HOST_CODE(unsigned char, "u1")
CUDA_HOST_CODE(short, "i2")
CUDA_HOST_CODE(unsigned short, "u2")
CUDA_HOST_CODE(int, "i4")
CUDA_HOST_CODE(unsigned, "u4")
CUDA_HOST_CODE(long, "i8")
CUDA_HOST_CODE(unsigned long, "u8")
CUDA_HOST_CODE(long long, "i8")
CUDA_HOST_CODE(unsigned long long, "u8")
CUDA_HOST_CODE(float, "f4")
CUDA_HOST_CODE(double, "f8")
CUDA_HOST_CODE(float2, "f4")
CUDA_HOST_CODE(float4, "f4")
CUDA_HOST_CODE(int4, "i4")
CUDA_HOST_CODE(uint4, "u4")
CUDA_HOST_CODE(__half, "f2")
CUDA_HOST_CODE(__half2, "f2")
CUDA_HOST_CODE(__nv_bfloat16, "E2")  // no NumPy kind
CUDA_HOST_CODE(__nv_bfloat162, "E2")
template <class T> struct Pointed { static constexpr const char* text = Code<T>::text; };
template <class T> struct Pointed<T*> : Code<std::remove_cv_t<T>> {};

template <class F> struct Signature;
template <class... A> struct Signature<void (*)(A...)> {
    using F = void (*)(A...);
    template <F f, size_t... I>
    static void go([[maybe_unused]] void** args, std::index_sequence<I...>) {
        f(*static_cast<std::remove_cv_t<A>*>(args[I])...);
    }
    template <F f> static void call(void** args) {
        go<f>(args, std::index_sequence_for<A...>());
    }
    static constexpr int count = sizeof...(A);
    static constexpr Type types[] = {
        {std::is_pointer_v<A>, Pointed<std::remove_cv_t<A>>::text, sizeof(A)}..., {}};
};
}  // namespace cuda_host

// The name comes last: an instance of a template may hold commas.
#define CUDA_HOST_KERNEL(waits, ...)                                                  \
    {#__VA_ARGS__, cuda_host::Signature<decltype(&__VA_ARGS__)>::call<&__VA_ARGS__>,  \
     cuda_host::Signature<decltype(&__VA_ARGS__)>::types,                             \
     cuda_host::Signature<decltype(&__VA_ARGS__)>::count, waits}
