// The test world's page tables have the shape of x86-64's, so that user-level code meets four levels and large pages.
#pragma once

#include "platforms/x86_64/platform/page_table.hpp"
