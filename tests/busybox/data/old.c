int add(int a, int b)
{
    return a + b;
}

int main(void)
{
    int sum = add(2, 3);
    return sum == 5 ? 0 : 1;
}
