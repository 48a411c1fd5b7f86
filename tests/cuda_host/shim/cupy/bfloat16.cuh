// CuPy's bfloat16: the shim always has it.
#pragma once
