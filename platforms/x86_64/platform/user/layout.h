/* Numbers that assembly and C++ share at user level; context.hpp checks them against the C++ declarations. */
#define SKERRY_CALL_NOP    0x8000000000000000
#define SKERRY_CALL_INVOKE 0x8000000000000001
#define SKERRY_CALL_SEND   0x8000000000000002
#define SKERRY_CALL_WAIT   0x8000000000000003
#define SKERRY_CALL_YIELD  0x8000000000000004

/* DispatcherPage, reached through GS */
#define SKERRY_PAGE_DISABLED      0
#define SKERRY_PAGE_SELF          80
#define SKERRY_PAGE_EXTENDED_MASK 128
#define SKERRY_PAGE_ENABLED_RIP   384

/* Save area */
#define SKERRY_AREA_RIP      128
#define SKERRY_AREA_RFLAGS   136
#define SKERRY_AREA_FS_BASE  144
#define SKERRY_AREA_EXTENDED 512
