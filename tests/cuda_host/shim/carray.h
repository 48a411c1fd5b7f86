// The arrays and the indexer that CuPy hands to an ElementwiseKernel, with every flat
// index checked. The members' order is known to cuda_host/elementwise.py, which packs
// them.
#pragma once

#define CUPY_FOR(i, n)                                                                \
    for (ptrdiff_t i = ptrdiff_t(blockIdx.x) * blockDim.x + threadIdx.x; i < (n);     \
         i += ptrdiff_t(blockDim.x) * gridDim.x)

template <class T, int N, bool Contiguous = false, bool Narrow = false>
struct CArray {
    T* data_;
    ptrdiff_t size_;
    ptrdiff_t shape_[N ? N : 1];
    ptrdiff_t strides_[N ? N : 1];  // bytes

    static const int ndim = N;
    ptrdiff_t size() const { return size_; }
    const ptrdiff_t* shape() const { return shape_; }
    const ptrdiff_t* strides() const { return strides_; }

    // The element at a flat index in C order, whatever the strides are.
    T& at(ptrdiff_t i) const {
        if (i < 0 || i >= size_)
            cuda_host::fail("index %td is outside an array of %td elements", i, size_);
        ptrdiff_t offset = 0;
        for (int axis = N - 1; axis >= 0; --axis) {
            offset += strides_[axis] * (i % shape_[axis]);
            i /= shape_[axis];
        }
        return *(T*)((char*)data_ + offset);
    }
    T& at(const ptrdiff_t* index) const {
        ptrdiff_t offset = 0;
        for (int axis = 0; axis < N; ++axis) {
            if (index[axis] < 0 || index[axis] >= shape_[axis])
                cuda_host::fail("index %td is outside axis %d of length %td",
                                index[axis], axis, shape_[axis]);
            offset += strides_[axis] * index[axis];
        }
        return *(T*)((char*)data_ + offset);
    }
    template <class I>
    T& operator[](I i) { return at(i); }
    template <class I>
    const T& operator[](I i) const { return at(i); }
};

template <int N, bool Narrow = false>
struct CIndexer {
    ptrdiff_t size_;
    ptrdiff_t shape_[N ? N : 1];
    ptrdiff_t index_[N ? N : 1];

    static const int ndim = N;
    ptrdiff_t size() const { return size_; }
    const ptrdiff_t* get() const { return index_; }
    void set(ptrdiff_t i) {
        for (int axis = N - 1; axis >= 0; --axis) {
            index_[axis] = i % shape_[axis];
            i /= shape_[axis];
        }
    }
};
