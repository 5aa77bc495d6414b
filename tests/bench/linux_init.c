/* SPDX-License-Identifier: BSD-2-Clause */
/* linux_init.c - the first process of the Linux guest: what Seam does by itself before a program
 * runs (mounts, loopback), then the program that its arguments name, then the machine's end.
 *
 * Serial ports as in tools/seamtool/console.py: the program's output on the first, the line
 * `seam: exit N` on the second, then 0x10 for QEMU's debug-exit device.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

constexpr unsigned short EXIT_PORT = 0xf4;
constexpr unsigned EXIT_REGULAR = 0x10;

static int log_fd = -1;

[[noreturn]] static void machine_end(int status)
{
    dprintf(log_fd, "seam: exit %d\n", status);
    tcdrain(log_fd);
    tcdrain(STDOUT_FILENO);
    if (ioperm(EXIT_PORT, 4, 1) == 0)
        outl(EXIT_REGULAR, EXIT_PORT);
    for (;;)
        pause();
}

static void complain(const char *what)
{
    dprintf(log_fd, "seam: error: the Linux guest's init: %s: %s\n", what, strerror(errno));
}

static void mount_at(const char *type, const char *place, unsigned mode)
{
    mkdir(place, 0755);
    if (mount(type, place, type, 0, nullptr) != 0)
        complain(place);
    if (mode)
        chmod(place, mode);
}

static int port_open(const char *path)
{
    struct termios settings;
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && tcgetattr(fd, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(fd, TCSANOW, &settings);
    }
    return fd;
}

static void loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        complain("lo");
    close(fd);
}

[[noreturn]] static void program_start(char **argv)
{
    int port = port_open("/dev/ttyS0");
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setsid();
    dup2(null, STDIN_FILENO);
    dup2(port, STDOUT_FILENO);
    dup2(port, STDERR_FILENO);
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("USER", "root", 1);
    setenv("TERM", "dumb", 1);
    execv(argv[0], argv);
    complain(argv[0]);
    _exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
    mount_at("devtmpfs", "/dev", 0);
    log_fd = port_open("/dev/ttyS1");
    mount_at("proc", "/proc", 0);
    mount_at("sysfs", "/sys", 0);
    mount_at("tmpfs", "/tmp", 01777);
    mkdir("/dev/shm", 01777);
    mount_at("tmpfs", "/dev/shm", 01777);
    mkdir("/dev/pts", 0755);
    mount_at("devpts", "/dev/pts", 0);
    loopback_up();
    if (argc < 2)
        machine_end(127);
    pid_t pid = fork();
    if (pid == 0)
        program_start(argv + 1);
    int status = 0;
    for (;;) {
        pid_t ended = wait(&status);
        if (ended == pid || (ended < 0 && errno == ECHILD))
            break;
    }
    machine_end(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
