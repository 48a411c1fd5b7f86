// The part of cooperative groups that kernels use: all threads of a grid wait for each
// other, as they may where the launch is a cooperative one.
#pragma once
#include "cuda_host.h"

namespace cooperative_groups {
struct grid_group {
    void sync() const { cuda_host::wait_grid("grid.sync"); }
};
inline grid_group this_grid() { return {}; }
}  // namespace cooperative_groups
