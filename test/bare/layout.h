/* Where the bare kernel's two spaces have their pages; shared by path.S and main.cpp. */
#define SENDER    0x400000
#define RECEIVER  0x400000
#define USER_CODE 0x401000
#define USER_DATA 0x409000
#define STACK_TOP 0x412000
